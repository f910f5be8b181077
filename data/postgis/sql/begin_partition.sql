-- A transaction that makes, fills and indexes one partition. The shared lock tells others that the writer lives.
begin;
set local lock_timeout = '30s';
set local maintenance_work_mem = '256MB';
select pg_advisory_xact_lock_shared({class}, {owner});
