insert into muscope.scenario (snapshot, name, zone, boundary_scope, made_by, document)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing;
