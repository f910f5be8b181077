select row(zone, year, {fields})
from muscope.stats
where load_id = any($1) and ($2::text[] is null or zone = any($2))
order by zone, year;
