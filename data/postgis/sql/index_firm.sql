alter table muscope.firm_{id} add primary key (key, load_id);
create index on muscope.firm_{id} (parcel);
create index on muscope.firm_{id} (uscc);
analyze muscope.firm_{id} (key, parcel, uscc);
