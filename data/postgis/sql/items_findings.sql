-- A feature that was not loaded lies in no zone that could be the caller's, so one with a scope sees none.
from muscope.batch b
join muscope.reject r on r.load_id = b.reject_load
where b.id = any({batches}::bigint[]) and {scope}::text[] is null
