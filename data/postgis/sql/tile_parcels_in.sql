-- $1 loads, $2 the zones the caller may see (null: all), $3 $4 $5 zoom, column, row, $6 results. A parcel is drawn once: by
-- its home row where the caller may see that, else by the first that he may.
select string_agg(record_send(row(p.position, p.geom_3857, p.id, nullif(p.zone, ''), nullif(p.boundary_scope, ''),
    s.status, s.class, s.finding, s.area_m2::double precision)), '')
from muscope.parcel p
left join muscope.part_status s
    on s.load_id = any($6) and s.id = p.id and s.zone = p.zone and s.boundary_scope = p.boundary_scope
where p.load_id = any($1) and p.geom_3857 && st_tileenvelope($3, $4, $5, margin => 64.0 / 4096)
    and case when $2::text[] is null or (p.home and p.zone = any($2)) then p.home
        else p.zone = any($2) and not exists (
            select from muscope.parcel o
            where o.load_id = any($1) and o.id = p.id and o.zone = any($2)
                and (o.home or (o.zone, o.boundary_scope) < (p.zone, p.boundary_scope))) end;
