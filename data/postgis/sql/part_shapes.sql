-- The outlines of parcels that have a part in a zone.
select row(id, geom) from muscope.parcel
where load_id = any($1) and zone = $2 and boundary_scope = $3 and id = any($4::text[])
order by id;
