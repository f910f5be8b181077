-- Parcels (one row each: home) whose box meets the box $3 to $6 in Web Mercator, with their whole outline.
select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields}, geom)
from muscope.parcel
where load_id = any($1) and home and ($2::text[] is null or zone = any($2))
    and geom_3857 && st_makeenvelope($3, $4, $5, $6, 3857);
