with found as materialized (
    select s.*, {order} sorted
    {from}
)
select row({result}, {part}, p.extra, p.geom)
from found s
{join}
order by s.sorted {dir}, s.id {dir}, s.zone {dir}, s.boundary_scope {dir};
