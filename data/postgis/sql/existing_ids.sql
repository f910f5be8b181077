-- Which of the ids in $2 (numbered from 1) the loads $1 hold.
select i from unnest($2::text[]) with ordinality asked (id, i)
where exists (select from muscope.{table} t where t.load_id = any($1) and t.{key} = asked.id collate "C")
order by i;
