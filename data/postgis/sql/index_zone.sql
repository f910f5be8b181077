alter table muscope.zone_{id} add primary key (code, boundary_scope, load_id);
create index on muscope.zone_{id} using gist (geom_3857);
analyze muscope.zone_{id} (code, boundary_scope, geom_3857);
