-- A shared lock on every load of a state (muscope.state), until the session ends: as muscope.hold, without a
-- transaction that would stay open as long as a map is looked at.
select pg_advisory_lock_shared($1, id::integer)
from (
    select jsonb_array_elements_text($2::jsonb -> 'results')
    union all
    select jsonb_array_elements_text(layer.value) from jsonb_each($2::jsonb -> 'loads') layer
    union all
    select reject_load::text from muscope.batch
    where reject_load is not null and id in (select jsonb_array_elements_text($2::jsonb -> 'batches')::bigint)
) ids (id);
