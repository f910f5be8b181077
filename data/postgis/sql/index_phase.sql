alter table muscope.phase_{id} add primary key (key, load_id);
create index on muscope.phase_{id} (parcel);
analyze muscope.phase_{id} (key, parcel);
