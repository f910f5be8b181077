alter table muscope.zone_result_{id} add primary key (zone, boundary_scope, load_id);
analyze muscope.zone_result_{id} (zone, boundary_scope);
