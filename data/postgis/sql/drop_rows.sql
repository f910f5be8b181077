delete from muscope.{table}_{id} where position = any($1);
