with made as (
    insert into muscope.analysis (analysis_id, snapshot, loads, batches, as_of, header, made_by)
    values ($1, $2, $3, $4, $5, $6, $7) returning id
), locked as materialized (
    select id, pg_advisory_lock_shared($8, id::integer) from made
)
select id from locked;
