-- Home rows of contracts over several zones. $2 and $3 (a zone) are not asked for.
with spread as (
    select contract_no from muscope.parcel
    where load_id = any($1) and contract_no is not null and $2::text is not null and $3::text is not null
    group by contract_no
    having min(zone) <> max(zone) or min(boundary_scope) <> max(boundary_scope)
)
select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields})
from muscope.parcel p
where load_id = any($1) and home and ($4::text[] is null or zone = any($4)) and contract_no in (select contract_no from spread)
order by position;
