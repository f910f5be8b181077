-- A transaction that makes, fills and indexes one partition. The shared lock tells others that the writer lives.
-- Where the connection is in a transaction already, this goes on in it.
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0;
set local lock_timeout = '30s';
set local maintenance_work_mem = '256MB';
-- Enough for plans by zone and id; ten times faster than the usual hundred.
set local default_statistics_target = 10;
select pg_advisory_xact_lock_shared({class}, {owner});
