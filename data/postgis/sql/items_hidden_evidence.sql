-- Of a list of parcels those with land in the zones that the caller sees.
(select coalesce(json_agg(seen.id), '[]') from json_array_elements_text({expr}) seen (id)
    where exists (select from muscope.parcel o where o.load_id = any({parcels}::integer[]) and o.id = seen.id and o.zone = any({scope}::text[])))
