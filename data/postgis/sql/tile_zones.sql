-- $6: the generalised outlines will do. Larger zones first, so that parks are drawn over them.
select string_agg(record_send(row(position, case when $6::boolean then geom_low else geom_3857 end, code, boundary_scope,
    code || case boundary_scope when 'managed' then '@managed' else '' end, name,
    case when $2::text[] is null or part_of = any($2) then part_of end, kind, level, area_m2::double precision)), ''
    order by area_m2 desc, position)
from muscope.zone
where load_id = any($1) and ($2::text[] is null or code = any($2))
    and geom_3857 && st_tileenvelope($3, $4, $5, margin => 64.0 / 4096);
