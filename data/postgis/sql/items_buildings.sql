-- A caller with a scope sees the buildings that touch his zones.
from muscope.building b
where b.load_id = any({buildings}::integer[])
    and ({scope}::text[] is null or exists (
        select from muscope.zone z
        where z.load_id = any({zones}::integer[]) and z.code = any({scope}::text[]) and st_intersects(z.geom_3857, b.geom_3857)))
