-- Constraints are plans that anybody may see who may see a zone.
select string_agg(record_send(row(position, geom_3857, id, kind, name)), '')
from muscope.constraint_area
where load_id = any($1) and geom_3857 && st_tileenvelope($3, $4, $5, margin => 64.0 / 4096) and ($2::text[] is null or cardinality($2) > 0);
