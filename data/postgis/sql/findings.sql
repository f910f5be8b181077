-- A page after the row ($12 its value in the order, $13 id, $14 zone, $15 boundary scope), or the first. The page is
-- chosen first; the facts of its parcels are looked up for it alone.
with page as materialized (
    select s.*, {order} sorted
    {from}
        and ($12::text is null or ({order}, s.id, s.zone, s.boundary_scope) {compare} ($12::text::{kind}, $13::text, $14::text, $15::text))
    order by {order} {dir}, s.id {dir}, s.zone {dir}, s.boundary_scope {dir}
    limit $16
)
select row(s.sorted, p.name, p.holder, p.use_code, p.project_no, {result})
from page s
{join}
order by s.sorted {dir}, s.id {dir}, s.zone {dir}, s.boundary_scope {dir};
