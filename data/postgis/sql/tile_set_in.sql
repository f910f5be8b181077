-- The box of the zones $2; what lies in them lies about there.
select case when count(*) > 0 then array[min(st_xmin(geom)), min(st_ymin(geom)), max(st_xmax(geom)), max(st_ymax(geom))] end
from muscope.zone where load_id = any($1) and code = any($2);
