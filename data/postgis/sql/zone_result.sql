select result from muscope.zone_result
where load_id = any($1) and ($2::text[] is null or zone = any($2)) and zone = $3 and boundary_scope = $4;
