-- Constraints whose box meets the box $3 to $6 in Web Mercator. They are plans that anybody may see who may see a zone.
select row(position, kind, id, name, geom)
from muscope.constraint_area
where load_id = any($1) and ($2::text[] is null or cardinality($2) > 0)
    and geom_3857 && st_makeenvelope($3, $4, $5, $6, 3857);
