-- The home parts on pages $2 of $3 feature ids each.
select string_agg(record_send(row(s.position, s.id, nullif(s.zone, ''), nullif(s.boundary_scope, ''), s.status, s.class, s.finding,
    s.area_m2::double precision)), '')
from unnest($2::bigint[]) page (n)
join muscope.part_status s on s.position >= page.n * $3::bigint and s.position < (page.n + 1) * $3::bigint
where s.load_id = any($1) and s.home;
