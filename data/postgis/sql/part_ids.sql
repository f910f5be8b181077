select distinct id from muscope.parcel where load_id = any($1) and zone = $2 and boundary_scope = $3 order by id;
