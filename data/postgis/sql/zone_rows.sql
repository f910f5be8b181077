select row(file, feature, position, area_m2, pieces, {fields}, extra, geom)
from muscope.zone
where load_id = any($1)
order by code, boundary_scope;
