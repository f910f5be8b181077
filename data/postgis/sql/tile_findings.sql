-- Parcels that are findings or that a violated or incomputable verdict speaks of; arguments as in tile_parcels_in, $2 null
-- for everything.
select string_agg(record_send(row(p.position, p.geom_3857, p.id, nullif(p.zone, ''), nullif(p.boundary_scope, ''), s.status, s.class,
    s.area_m2::double precision, of_parcel.violated, of_parcel.incomputable)), '')
from muscope.parcel p
join muscope.part_status s
    on s.load_id = any($6) and s.id = p.id and s.zone = p.zone and s.boundary_scope = p.boundary_scope
cross join lateral (
    select count(*) filter (where vp.outcome = 'violated') violated, count(*) filter (where vp.outcome = 'incomputable') incomputable
    from muscope.verdict_parcel vp
    where vp.load_id = any($6) and vp.id = p.id and ($2::text[] is null or vp.zone = any($2))) of_parcel
where p.load_id = any($1) and p.geom_3857 && st_tileenvelope($3, $4, $5, margin => 64.0 / 4096)
    and (s.listed or of_parcel.violated > 0 or of_parcel.incomputable > 0)
    and case when $2::text[] is null or (p.home and p.zone = any($2)) then p.home
        else p.zone = any($2) and not exists (
            select from muscope.parcel o
            where o.load_id = any($1) and o.id = p.id and o.zone = any($2)
                and (o.home or (o.zone, o.boundary_scope) < (p.zone, p.boundary_scope))) end;
