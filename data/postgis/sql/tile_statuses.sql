-- The home parts of the features $2.
select string_agg(record_send(row(s.position, s.id, nullif(s.zone, ''), nullif(s.boundary_scope, ''), s.status, s.class, s.finding,
    s.area_m2::double precision)), '')
from muscope.part_status s
where s.load_id = any($1) and s.home and s.position = any($2);
