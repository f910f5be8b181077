select count(*)
{from};
