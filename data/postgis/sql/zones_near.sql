-- Zones whose box meets the box $3 to $6 in Web Mercator.
select row(code, boundary_scope, geom)
from muscope.zone
where load_id = any($1) and ($2::text[] is null or code = any($2))
    and geom_3857 && st_makeenvelope($3, $4, $5, $6, 3857)
order by code, boundary_scope;
