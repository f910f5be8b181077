-- Loads and analyses whose lock is free have nobody left; what they wrote is not used (see unused_loads).
with dead as (
    select id from muscope.batch where state = 'loading' and pg_try_advisory_xact_lock(29047, id::integer)
), dead_analysis as (
    select id from muscope.analysis where state = 'running' and pg_try_advisory_xact_lock(29049, id::integer)
), failed_analysis as (
    update muscope.analysis set state = 'failed' where id in (select id from dead_analysis)
)
update muscope.batch set state = 'failed' where id in (select id from dead);
