-- Where the zones lie that a caller may see.
select 0, st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box)
from (select st_extent(geom) box from muscope.zone where load_id = any($1) and code = any($2)) seen;
