-- Home rows of the contracts of a zone that stand on land of others too.
with own as (
    select distinct contract_no from muscope.parcel
    where load_id = any($1) and zone = $2 and boundary_scope = $3 and contract_no is not null
), spread as (
    select contract_no from own
    where exists (
        select from muscope.parcel o
        where o.load_id = any($1) and o.contract_no = own.contract_no and (o.zone <> $2 or o.boundary_scope <> $3))
)
select row(share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2, {fields})
from muscope.parcel p
where load_id = any($1) and home and ($4::text[] is null or zone = any($4)) and contract_no in (select contract_no from spread)
order by position;
