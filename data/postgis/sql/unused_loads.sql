-- Partitions that nothing points to and that belong to no living load or analysis.
with used (id) as (
    select unnest(load_ids) from muscope.snapshot_layer
    union
    select ids.id::integer
    from muscope.snapshot s
    join muscope.analysis a on a.id = s.analysis,
    lateral (
        select unnest(a.parts) union all
        select jsonb_array_elements_text(layer.value)::integer from jsonb_each(a.loads) layer union all
        select reject_load from muscope.batch where id in (select jsonb_array_elements_text(a.batches)::bigint)
    ) ids (id)
    where ids.id is not null
    union
    select reject_load from muscope.batch
    where reject_load is not null and id in (select unnest(batches) from muscope.snapshot_layer)
)
select l.id, l.of_table
from muscope.load l
left join muscope.batch b on b.id = l.batch
where l.id not in (select id from used)
    and coalesce(b.state, '') <> 'loading'
    and not exists (
        select from muscope.analysis a where a.id = l.analysis and a.state = 'running')
order by l.id;
