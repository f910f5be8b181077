select geom from muscope.zone
where load_id = any($1) and ($2::text[] is null or code = any($2)) and code = $3 and boundary_scope = $4;
