-- Some zones whose park or parent was loaded before.
select array_agg(code) from (
    select distinct new.code
    from muscope.zone_{id} new join muscope.zone old on new.part_of = old.code or old.part_of = new.code
    where old.load_id = any($1)
    limit 5) found;
