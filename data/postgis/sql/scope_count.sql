-- How many zones and parcels of the loads $1 (zones) and $2 (parcels) a caller of the zones $3 sees.
select (select count(*) from muscope.zone where load_id = any($1) and code = any($3)),
    (select count(distinct id) from muscope.parcel where load_id = any($2) and zone = any($3));
