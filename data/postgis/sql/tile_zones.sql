-- $6: the generalised outlines will do. Larger zones first, so that parks are drawn over them.
with tile as (
    select st_tileenvelope($3, $4, $5) box, st_tileenvelope($3, $4, $5, margin => 64.0 / 4096) around,
        40075016.685578488 / (1::bigint << $3) / 4096 step
), shape as (
    select z.*, case when $6::boolean then geom_low else geom_3857 end shape from muscope.zone z
    where load_id = any($1) and ($2::text[] is null or code = any($2))
        and geom_3857 && (select around from tile)
), drawn as (
    select coalesce(st_asmvtgeom(shape, box, 4096, 64, true),
            case when st_intersects(geom_3857, around) then st_asmvtgeom(st_buffer(st_envelope(st_intersection(st_envelope(geom_3857), around)), step, 'quad_segs=1'), box, 4096, 64, true) end) geom,
        position feature_id, code, boundary_scope, code || case boundary_scope when 'managed' then '@managed' else '' end as key,
        name, case when $2::text[] is null or part_of = any($2) then part_of end part_of, kind, level, area_m2::double precision area_m2
    from tile, shape
    order by shape.area_m2 desc
)
select st_asmvt(drawn, 'zones', 4096, 'geom', 'feature_id') from drawn where geom is not null;
