alter table muscope.approval_{id} add primary key (id, load_id);
create index on muscope.approval_{id} using gist (geom);
analyze muscope.approval_{id} (id, approval_no, geom);
