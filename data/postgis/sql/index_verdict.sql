alter table muscope.verdict_{id} add primary key (zone, boundary_scope, seq, load_id);
create index on muscope.verdict_{id} (rule, outcome);
analyze muscope.verdict_{id};
