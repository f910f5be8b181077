-- One row where the database is ready for muscope.
select extversion from pg_extension where extname = 'postgis';
