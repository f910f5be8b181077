select row(coalesce(kind, ''), count(*), min(st_xmin(geom)), min(st_ymin(geom)), max(st_xmax(geom)), max(st_ymax(geom)))
from muscope.constraint_area
where load_id = any($1) and ($2::text[] is null or cardinality($2) > 0)
group by kind
order by kind;
