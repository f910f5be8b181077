select severity, r.layer, file, feature, byte_offset, coalesce(r.id, ''), coalesce(field, ''), code, reason, remedy, place[0], place[1]
from muscope.reject r join muscope.batch b on b.id = r.batch
where r.batch = any($1)
order by array_position('{zones,parcels,buildings,constraints,stats}', b.layer), r.batch, r.seq;
