-- $1 loads, $2 $3 $4 zoom, column, row. What the analysis says of them comes from tile_status_pages.
select string_agg(record_send(row(position, geom_3857, id, nullif(zone, ''), nullif(boundary_scope, ''))), '')
from muscope.parcel
where load_id = any($1) and home and geom_3857 && st_tileenvelope($2, $3, $4, margin => 64.0 / 4096);
