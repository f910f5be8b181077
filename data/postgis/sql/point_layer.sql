-- Replacing (not $5) retires the batches before; adding keeps them.
with old as (
    select batches from muscope.snapshot_layer where snapshot = $1 and layer = $2
), retired as (
    update muscope.batch set state = 'retired', retired_at = now()
    where not $5 and id in (select unnest(batches) from old) and id <> $4
)
insert into muscope.snapshot_layer (snapshot, layer, load_ids, batches)
values ($1, $2, $3, case when $4 = 0 then '{}' else array[$4::bigint] end)
on conflict (snapshot, layer) do update set load_ids = excluded.load_ids,
    batches = case when $5 then muscope.snapshot_layer.batches else '{}' end || excluded.batches;
