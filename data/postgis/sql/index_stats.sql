alter table muscope.stats_{id} add primary key (zone, year, load_id);
