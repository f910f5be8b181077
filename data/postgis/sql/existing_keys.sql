-- Some of the keys of a new partition that the loads $1 hold.
select array_agg(key) from (
    select concat_ws(' ', {keys}) key
    from muscope.{table}_{id} join muscope.{table} old using ({keys})
    where old.load_id = any($1)
    limit 5) found;
