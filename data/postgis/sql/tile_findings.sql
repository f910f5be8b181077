-- Parcels that are findings or that a violated or incomputable verdict speaks of; arguments as in tile_parcels.
with tile as (
    select st_tileenvelope($3, $4, $5) box, st_tileenvelope($3, $4, $5, margin => 64.0 / 4096) around,
        40075016.685578488 / (1::bigint << $3) / 4096 step
), drawn as (
    select coalesce(st_asmvtgeom(p.geom_3857, box, 4096, 64, true),
            case when st_intersects(p.geom_3857, around) then st_asmvtgeom(st_buffer(p.geom_3857, step, 'quad_segs=1'), box, 4096, 64, true) end) geom,
        p.position feature_id, p.id, nullif(p.zone, '') zone, nullif(p.boundary_scope, '') boundary_scope, s.status, s.class,
        s.area_m2::double precision area_m2, of_parcel.violated, of_parcel.incomputable
    from tile, muscope.parcel p
    join muscope.part_status s
        on s.load_id = any($6) and s.id = p.id and s.zone = p.zone and s.boundary_scope = p.boundary_scope
    cross join lateral (
        select count(*) filter (where vp.outcome = 'violated') violated, count(*) filter (where vp.outcome = 'incomputable') incomputable
        from muscope.verdict_parcel vp
        where vp.load_id = any($6) and vp.id = p.id and ($2::text[] is null or vp.zone = any($2))) of_parcel
    where p.load_id = any($1) and p.geom_3857 && around
        and (s.listed or of_parcel.violated > 0 or of_parcel.incomputable > 0)
        and case when $2::text[] is null or (p.home and p.zone = any($2)) then p.home
            else p.zone = any($2) and not exists (
                select from muscope.parcel o
                where o.load_id = any($1) and o.id = p.id and o.zone = any($2)
                    and (o.home or (o.zone, o.boundary_scope) < (p.zone, p.boundary_scope))) end
)
select st_asmvt(drawn, 'findings', 4096, 'geom', 'feature_id') from drawn where geom is not null;
