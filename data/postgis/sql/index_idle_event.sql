alter table muscope.idle_event_{id} add primary key (key, load_id);
create index on muscope.idle_event_{id} (parcel);
analyze muscope.idle_event_{id} (key, parcel);
