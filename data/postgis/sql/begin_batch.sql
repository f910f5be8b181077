-- The lock on the batch is the session's: it ends with the process.
with made as (
    insert into muscope.snapshot (name) values ($1) on conflict do nothing
), batch as (
    insert into muscope.batch (snapshot, layer, appended, loaded_by) values ($1, $2, $3, $4) returning id
), locked as materialized (
    select id, pg_advisory_lock_shared($5, id::integer) from batch
)
select id from locked;
