select id, name, role, zones, created_at, created_by, expires_at, revoked_at, last_used_on from muscope.token order by id;
