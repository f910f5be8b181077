select code, boundary_scope, st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box), st_x(label), st_y(label)
from muscope.zone, lateral (select box2d(geom) box, st_transform(st_pointonsurface(geom_low), 4490) label) at
where load_id = any($1) and ($2::text[] is null or code = any($2))
order by code, boundary_scope;
