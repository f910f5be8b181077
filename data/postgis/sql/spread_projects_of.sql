-- Projects of a zone that have land in others too (land in none counts as one).
select array_agg(distinct project_no)
from muscope.parcel p
where load_id = any($1) and zone = $2 and boundary_scope = $3 and project_no is not null
    and exists (
        select from muscope.parcel o
        where o.load_id = any($1) and o.project_no = p.project_no and (o.zone <> $2 or o.boundary_scope <> $3));
