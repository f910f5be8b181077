-- Constraints are plans that anybody may see who may see a zone.
with tile as (
    select st_tileenvelope($3, $4, $5) box, st_tileenvelope($3, $4, $5, margin => 64.0 / 4096) around,
        40075016.685578488 / (1::bigint << $3) / 4096 step
), drawn as (
    select coalesce(st_asmvtgeom(geom_3857, box, 4096, 64, true),
            case when st_intersects(geom_3857, around) then st_asmvtgeom(st_buffer(geom_3857, step, 'quad_segs=1'), box, 4096, 64, true) end) geom,
        position feature_id, id, kind, name
    from tile, muscope.constraint_area
    where load_id = any($1) and geom_3857 && around and ($2::text[] is null or cardinality($2) > 0)
)
select st_asmvt(drawn, 'constraints', 4096, 'geom', 'feature_id') from drawn where geom is not null;
