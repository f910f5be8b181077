-- What requests need: the version of PostGIS, and the indexes that can't be used.
select coalesce((select extversion from pg_extension where extname = 'postgis'), ''),
    (select coalesce(string_agg(c.relname, ', ' order by c.relname), '')
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'muscope' and not (i.indisvalid and i.indisready)),
    to_regclass('muscope.migration') is not null;
