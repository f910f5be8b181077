insert into muscope.{table}_{id} ({columns})
select {columns} from muscope.{table}_{from} old
where not exists (select from unnest($1::text[]) replaced (id) where replaced.id collate "C" = old.{key});
