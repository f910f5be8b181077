-- The version of PostGIS in this database, NULL where it isn't installed.
select (select extversion from pg_extension where extname = 'postgis');
