-- Rows of a new partition that name what no parcel of the loads $1 has.
select file, count(*), (array_agg({of} order by position))[1], (array_agg(feature order by position))[1]
from muscope.{table}_{id} t
where not exists (select from muscope.parcel p where p.load_id = any($1) and p.{as} = t.{of})
group by file
order by file;
