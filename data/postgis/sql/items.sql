select row({values}), {shape}
{from}
{conditions}
order by {order}
limit {limit};
