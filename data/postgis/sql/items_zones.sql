from muscope.zone z
where z.load_id = any({zones}::integer[]) and ({scope}::text[] is null or z.code = any({scope}::text[]))
