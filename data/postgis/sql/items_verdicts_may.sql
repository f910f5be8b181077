-- By items_verdicts_near, a verdict may lie in the box, or has no place at all. Whose scope hides parcels sees few verdicts.
{scope}::text[] is not null or case
    when v.level not in ('parcel', 'project') then away.code is null
    else near.seq is not null or v.level = 'project' and coalesce(json_array_length(v.verdict -> 'evidence'), 0) = 0 end
