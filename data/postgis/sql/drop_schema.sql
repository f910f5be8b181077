set lock_timeout = '10s';
drop schema if exists muscope cascade;
