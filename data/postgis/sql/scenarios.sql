select name, zone, boundary_scope, made_by, made_at, document
from muscope.scenario
where snapshot = $1 and ($2::text[] is null or zone = any($2))
order by name;
