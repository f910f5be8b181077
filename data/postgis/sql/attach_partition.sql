alter table muscope.{table} attach partition muscope.{table}_{id} for values in ({id});
alter table muscope.{table}_{id} reset (autovacuum_enabled);
