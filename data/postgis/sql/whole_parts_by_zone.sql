select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields}, extra, geom)
from muscope.parcel
where load_id = any($1) and zone = $2 and boundary_scope = $3 and ($4::text[] is null or zone = any($4))
order by position;
