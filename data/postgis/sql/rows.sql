select row({result}, {part}, p.extra, p.geom)
from muscope.part_status s
join muscope.parcel p on p.load_id = any($3) and p.id = s.id and p.zone = s.zone and p.boundary_scope = s.boundary_scope
where s.load_id = any($1) and ($2::text[] is null or s.zone = any($2))
    and ($4::text is null or (s.zone = $4 and s.boundary_scope = $5))
order by s.position, s.zone, s.boundary_scope;
