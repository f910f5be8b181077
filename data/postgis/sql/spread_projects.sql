-- Projects with land in more than one zone (land in none counts as one), by zone.
with spread as (
    select project_no from muscope.parcel
    where load_id = any($1) and project_no is not null
    group by project_no
    having min(zone) <> max(zone) or min(boundary_scope) <> max(boundary_scope)
)
select zone, boundary_scope, array_agg(distinct project_no)
from muscope.parcel
where load_id = any($1) and project_no in (select project_no from spread)
group by zone, boundary_scope;
