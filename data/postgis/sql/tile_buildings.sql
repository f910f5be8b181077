-- $6: the zone loads; a caller with a scope sees the buildings that touch his zones.
with tile as (
    select st_tileenvelope($3, $4, $5) box, st_tileenvelope($3, $4, $5, margin => 64.0 / 4096) around,
        40075016.685578488 / (1::bigint << $3) / 4096 step
), drawn as (
    select coalesce(st_asmvtgeom(b.geom_3857, box, 4096, 64, true),
            case when st_intersects(b.geom_3857, around) then st_asmvtgeom(st_buffer(b.geom_3857, step, 'quad_segs=1'), box, 4096, 64, true) end) geom,
        b.position feature_id, b.id, b.use, b.floors::double precision floors, b.area_m2::double precision area_m2
    from tile, muscope.building b
    where b.load_id = any($1) and b.geom_3857 && around
        and ($2::text[] is null or exists (
            select from muscope.zone z
            where z.load_id = any($6) and z.code = any($2) and st_intersects(z.geom_3857, b.geom_3857)))
)
select st_asmvt(drawn, 'buildings', 4096, 'geom', 'feature_id') from drawn where geom is not null;
