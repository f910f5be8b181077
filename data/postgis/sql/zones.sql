select row(file, feature, position, area_m2, pieces, {fields}, extra)
from muscope.zone
where load_id = any($1) and ($2::text[] is null or code = any($2))
order by code, boundary_scope;
