select count(*) from muscope.{table}_{id} where home;
