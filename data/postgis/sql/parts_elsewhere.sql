-- Parcels (one row each: home) of projects with land in the zone, that have no land in it themselves.
with project as (
    select distinct project_no from muscope.parcel
    where load_id = any($1) and zone = $2 and boundary_scope = $3 and project_no is not null
)
select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields})
from muscope.parcel p
where load_id = any($1) and home and project_no in (select project_no from project) and project_no is not null
    and not exists (
        select from muscope.parcel inside
        where inside.load_id = any($1) and inside.id = p.id and inside.zone = $2 and inside.boundary_scope = $3)
order by position;
