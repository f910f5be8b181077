alter table muscope.zone_action_{id} add primary key (key, load_id);
create index on muscope.zone_action_{id} (zone);
analyze muscope.zone_action_{id} (key, zone);
