select pg_try_advisory_lock($1, hashtext($2));
