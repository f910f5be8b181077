-- $1 loads, $2 $3 $4 zoom, column, row: feature ids and shapes alone, one behind the other. All else stands on the pages
-- of tile_status_pages.
select string_agg(int8send(position) || geom_3857::bytea, '')
from muscope.parcel
where load_id = any($1) and home and geom_3857 && st_tileenvelope($2, $3, $4, margin => 64.0 / 4096);
