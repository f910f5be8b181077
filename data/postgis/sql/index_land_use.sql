alter table muscope.land_use_{id} add primary key (key, load_id);
create index on muscope.land_use_{id} (parcel);
analyze muscope.land_use_{id} (key, parcel);
