-- The number of input files and the last position of a layer. Files without a row count too: batches say so.
select greatest(
        (select coalesce(max(file), -1) + 1 from muscope.{table} where load_id = any($1)),
        (select coalesce(sum(jsonb_array_length(inputs)), 0) from muscope.batch
         where id = any (select unnest(batches) from muscope.snapshot_layer where snapshot = $2 and layer = $3)))::integer,
    (select coalesce(max(position), 0) from muscope.{table} where load_id = any($1));
