select row({result})
from muscope.part_status s
where s.load_id = any($1) and ($2::text[] is null or s.zone = any($2))
    and ($3::text is null or (s.zone = $3 and s.boundary_scope = $4))
order by s.position, s.zone, s.boundary_scope;
