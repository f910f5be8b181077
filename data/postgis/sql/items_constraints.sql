-- Constraints are plans that anybody may see who may see a zone.
from muscope.constraint_area c
where c.load_id = any({constraints}::integer[]) and ({scope}::text[] is null or cardinality({scope}::text[]) > 0)
