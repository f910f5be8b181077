-- Rows of a table that speak of the parcels, contracts or zones in $2.
select row(file, feature, position, {fields})
from muscope.{table}
where load_id = any($1) and {of} = any($2::text[])
order by position;
