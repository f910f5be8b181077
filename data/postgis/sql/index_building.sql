alter table muscope.building_{id} add primary key (id, load_id);
create index on muscope.building_{id} using gist (geom_3857);
analyze muscope.building_{id} (id, geom_3857);
