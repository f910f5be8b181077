-- $6: the zone loads; a caller with a scope sees the buildings that touch his zones.
select string_agg(record_send(row(b.position, b.geom_3857, b.id, b.use, b.floors::double precision, b.area_m2::double precision)), '')
from muscope.building b
where b.load_id = any($1) and b.geom_3857 && st_tileenvelope($3, $4, $5, margin => 64.0 / 4096)
    and ($2::text[] is null or exists (
        select from muscope.zone z
        where z.load_id = any($6) and z.code = any($2) and st_intersects(z.geom_3857, b.geom_3857)));
