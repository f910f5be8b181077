join muscope.parcel p on p.load_id = any($3) and p.id = s.id and p.zone = s.zone and p.boundary_scope = s.boundary_scope
