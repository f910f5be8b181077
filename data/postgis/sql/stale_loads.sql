select count(*) from muscope.load where id = any($1) and zone_loads is distinct from coalesce($2::integer[], '{}');
