-- One implicit transaction; the lock keeps two first starts apart.
select pg_advisory_xact_lock(29045, 0);
create schema if not exists muscope;
