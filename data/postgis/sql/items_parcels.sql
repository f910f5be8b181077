from muscope.parcel p
{status}
where p.load_id = any({parcels}::integer[])
    -- A parcel is listed once: by its home row where the caller may see that, else by the first that he may.
    and case when {scope}::text[] is null or (p.home and p.zone = any({scope}::text[])) then p.home
        else p.zone = any({scope}::text[]) and not exists (
            select from muscope.parcel o
            where o.load_id = any({parcels}::integer[]) and o.id = p.id and o.zone = any({scope}::text[])
                and (o.home or (o.zone, o.boundary_scope) < (p.zone, p.boundary_scope))) end
