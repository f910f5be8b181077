-- Parcels (one row each: home) of the projects $5 that have no land in the zone.
select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields})
from muscope.parcel p
where load_id = any($1) and home and project_no = any($5) and ($4::text[] is null or zone = any($4))
    and not exists (
        select from muscope.parcel inside
        where inside.load_id = any($1) and inside.id = p.id and inside.zone = $2 and inside.boundary_scope = $3)
order by position;
