update muscope.batch set state = 'published', published_at = now(), inputs = $2, reject_load = nullif($4::integer, 0),
    counts = coalesce(nullif($3::jsonb, 'null'), '{}')
where id = $1;
