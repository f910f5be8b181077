alter table muscope.verdict_parcel_{id} add primary key (id, zone, boundary_scope, seq, load_id);
create index on muscope.verdict_parcel_{id} (rule, outcome);
analyze muscope.verdict_parcel_{id};
