-- Approvals without a boundary whose number a parcel in a zone names. A parcel that only touches the zone is not in
-- it (land.Touches).
select row(file, feature, position, {fields}, extra)
from muscope.approval
where load_id = any($1) and geom is null and approval_no in (
    select approval_no from muscope.parcel
    where load_id = any($2) and zone = $3 and boundary_scope = $4 and (share = 1 or part_ellipsoid_m2 >= 1 and share >= 0.0001))
order by position;
