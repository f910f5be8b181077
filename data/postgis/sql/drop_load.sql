set local lock_timeout = '{patience}';
drop table if exists muscope.{table}_{id};
delete from muscope.load where id = {id};
