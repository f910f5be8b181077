select id, layer, state, appended, loaded_by, started_at, published_at, inputs, counts
from muscope.batch where snapshot = $1
order by id desc;
