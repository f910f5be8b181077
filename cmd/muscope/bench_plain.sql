-- What an analyst would write: the share of each parcel in each zone, and land, floor and money by zone, class of use and state of supply.
select z.code, left(p.use_code, 2) as class,
       case when p.supplied_on is null then 'unsupplied' when p.completed_on is null then 'open' else 'built' end as state,
       count(*) as parcels,
       sum(p.recorded_area_m2 * s.share) as area_m2,
       sum(p.floor_area_m2 * s.share) as floor_area_m2,
       sum(p.ancillary_site_m2 * s.share) as ancillary_site_m2,
       sum(p.output_wan * s.share) as output_wan,
       sum(p.tax_wan * s.share) as tax_wan
from zones z
join parcels p on st_intersects(p.geom, z.geom)
cross join lateral (select st_area(st_intersection(p.geom, z.geom)::geography) / st_area(p.geom::geography) as share) s
group by 1, 2, 3
order by 1, 2, 3
