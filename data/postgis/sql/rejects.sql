select severity, r.layer, file, feature, byte_offset, coalesce(r.id, ''), coalesce(field, ''), code, reason, remedy, place[0], place[1]
from muscope.batch b join muscope.reject r on r.load_id = b.reject_load
where b.id = any($1)
order by array_position('{zones,parcels,buildings,constraints,stats,approvals,phases,uses,terms,firms,events,rankings,zone_actions}', b.layer), b.id, r.seq;
