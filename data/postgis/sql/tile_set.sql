-- The most features a tile can hold at each zoom (a sum over loads bounds it from above), and the box of all.
select
    (select array_agg(n order by zoom) from (
        select zoom, sum(d) n from muscope.load, unnest(densest) with ordinality at (d, zoom) where id = any($1) group by zoom) dense),
    (select array[min(bounds[1]), min(bounds[2]), max(bounds[3]), max(bounds[4])] from muscope.load
     where id = any($1) and bounds is not null having count(*) > 0);
