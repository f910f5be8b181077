left join muscope.part_status s on s.load_id = any({results}::integer[])
    and s.id = p.id and s.zone = p.zone and s.boundary_scope = p.boundary_scope
