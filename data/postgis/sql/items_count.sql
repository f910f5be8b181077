select count(*) from (
    select
    {from}
    {conditions}
    limit {limit}) found;
