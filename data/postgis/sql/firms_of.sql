-- Every row, on whatever parcel, of the firms that have a row on one of the parcels in $2.
select row(file, feature, position, {fields})
from muscope.firm
where load_id = any($1) and uscc in (select o.uscc from muscope.firm o where o.load_id = any($1) and o.parcel = any($2::text[]))
order by position;
