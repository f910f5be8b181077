-- How many features loads hold, and where.
select coalesce(sum(whole_count), 0), min(bounds[1]), min(bounds[2]), max(bounds[3]), max(bounds[4])
from muscope.load where id = any($1);
