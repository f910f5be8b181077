-- What tells by index whether a verdict can lie in the box: its zone is away from it, or a parcel it speaks of is near.
left join muscope.zone away on away.load_id = any({zones}::integer[]) and away.code = v.zone and away.boundary_scope = v.boundary_scope
    and not away.geom_3857 && {box}::geometry
left join (
    select distinct vp.zone, vp.boundary_scope, vp.seq
    from muscope.verdict_parcel vp
    where vp.load_id = any({results}::integer[]) and vp.id in (
        select p.id from muscope.parcel p
        where p.load_id = any({parcels}::integer[]) and p.home and p.geom_3857 && {box}::geometry)) near
    on near.zone = v.zone and near.boundary_scope = v.boundary_scope and near.seq = v.seq
