with done as (
    update muscope.analysis set state = 'published', published_at = now(), parts = $2, sets = $3 where id = $1
    returning snapshot, id
), turned as (
    update muscope.snapshot s set analysis = done.id from done where s.name = done.snapshot
)
update muscope.analysis set state = 'retired'
where state = 'published' and id <> $1 and snapshot = (select snapshot from done);
