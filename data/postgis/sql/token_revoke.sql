update muscope.token set revoked_at = coalesce(revoked_at, now()) where id = $1
returning id, name, role, zones, created_at, created_by, expires_at, revoked_at, last_used_on;
