-- Which of the parcels $3 have land in the zones $2.
select coalesce(array_agg(distinct id), '{}') from muscope.parcel
where load_id = any($1) and zone = any($2) and id = any($3);
