select v.zone, v.boundary_scope, v.verdict
from muscope.verdict_parcel vp
join muscope.verdict v on v.load_id = any($1) and v.zone = vp.zone and v.boundary_scope = vp.boundary_scope and v.seq = vp.seq
where vp.load_id = any($1) and ($2::text[] is null or vp.zone = any($2)) and vp.id = $3
order by v.zone, v.boundary_scope, v.seq;
