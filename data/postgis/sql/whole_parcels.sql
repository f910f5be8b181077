-- Every parcel of one partition once, whole.
select row(file, feature, position, ellipsoid_m2, plane_m2, {fields}, extra, geom)
from muscope.parcel_{id}
where home;
