-- Approvals whose box meets that of a zone.
select row(a.file, a.feature, a.position, {fields}, a.extra, a.geom)
from muscope.approval a, muscope.zone z
where a.load_id = any($1) and z.load_id = any($2) and z.code = $3 and z.boundary_scope = $4 and a.geom && z.geom
order by a.position;
