select id, layer, state, appended, loaded_by, started_at, published_at, inputs, counts
from muscope.batch where id = any($1)
order by array_position('{zones,parcels,buildings,constraints,stats,approvals,phases,uses,terms,firms,events,rankings,zone_actions}', layer), id;
