alter table muscope.reject_{id} add primary key (seq, load_id);
