select row({result}, {part}, p.extra, p.geom)
{from}
order by {order} {dir}, s.id {dir}, s.zone {dir}, s.boundary_scope {dir};
