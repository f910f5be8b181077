alter table muscope.constraint_area_{id} add primary key (id, load_id);
create index on muscope.constraint_area_{id} using gist (geom_3857);
analyze muscope.constraint_area_{id} (id, kind, geom_3857);
