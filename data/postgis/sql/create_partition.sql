-- The check lets ATTACH skip its scan.
create table muscope.{table}_{id} (
    like muscope.{table} including defaults including storage,
    check (load_id is not null and load_id = {id})
) with (autovacuum_enabled = false);
alter table muscope.{table}_{id} alter load_id set default {id};
