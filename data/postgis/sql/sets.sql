-- A total over a zone that the caller may not see would tell of it. Zones of a set are keys: code, or code@managed.
select coalesce(json_agg(s), '[]')
from muscope.analysis a, json_array_elements(a.sets) s
where a.id = $1 and ($2::text[] is null or not exists (
    select from json_array_elements_text(s -> 'zones') key
    where split_part(key, '@', 1) <> all ($2)));
