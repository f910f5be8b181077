-- The same indexes as the parent's, so that ATTACH finds them. The keys come first in the order of look-ups; load_id
-- is one value here.
alter table muscope.parcel_{id} add primary key (id, zone, boundary_scope, load_id);
create index on muscope.parcel_{id} (zone, boundary_scope, position);
create index on muscope.parcel_{id} (project_no) where project_no is not null;
create index on muscope.parcel_{id} (contract_no) where contract_no is not null;
create index on muscope.parcel_{id} using gist (geom_3857);
analyze muscope.parcel_{id} (zone, boundary_scope, id, position, project_no, contract_no, home, geom_3857);
