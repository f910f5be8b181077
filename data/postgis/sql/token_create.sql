insert into muscope.token (name, hash, role, zones, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)
returning id, name, role, zones, created_at, created_by, expires_at, revoked_at, last_used_on;
