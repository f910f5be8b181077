from muscope.parcel p
{status}
where p.load_id = any({parcels}::integer[]) and ({scope}::text[] is null or p.zone = any({scope}::text[]))
