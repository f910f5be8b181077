-- A verdict lies where its zone lies, or the parcels that it speaks of.
-- (By a left join that would be drawn up for every verdict, before anything else is asked of it.)
from muscope.verdict v
cross join lateral (
    select case
        when v.level not in ('parcel', 'project') then (
            select z.geom from muscope.zone z
            where z.load_id = any({zones}::integer[]) and z.code = v.zone and z.boundary_scope = v.boundary_scope)
        else (
            select st_multi(st_collect(piece.geom))
            from (
                select v.subject id where v.level = 'parcel'
                union
                select json_array_elements_text(v.verdict -> 'evidence')) speaks
            join muscope.parcel p on p.load_id = any({parcels}::integer[]) and p.id = speaks.id and p.home
                and ({scope}::text[] is null or p.zone = any({scope}::text[])),
            lateral st_dump(p.geom) piece)
        end geom) g
{near}
where v.load_id = any({results}::integer[]) and ({scope}::text[] is null or v.zone = any({scope}::text[]))
