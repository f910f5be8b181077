-- Major version, encoding, and the version of PostGIS, NULL where it isn't installed.
select current_setting('server_version_num')::integer / 10000, getdatabaseencoding(),
    (select extversion from pg_extension where extname = 'postgis');
