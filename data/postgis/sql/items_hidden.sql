-- The code of a zone where the caller sees that.
(case when {expr} = any({scope}::text[]) then {expr} end)
