alter table muscope.ranking_{id} add primary key (key, load_id);
create index on muscope.ranking_{id} (zone);
analyze muscope.ranking_{id} (key, zone);
