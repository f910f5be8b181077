alter table muscope.part_status_{id} add primary key (id, zone, boundary_scope, load_id);
create index on muscope.part_status_{id} (zone, boundary_scope, position);
create index on muscope.part_status_{id} (position);
analyze muscope.part_status_{id} (zone, boundary_scope, id, position, status, class, home);
