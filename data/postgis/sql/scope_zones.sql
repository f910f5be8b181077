-- The zones of the loads $1 that a caller of the zones $2 sees: those and, below them, their parks.
with recursive seen (code) as (
    select code from muscope.zone where load_id = any($1) and code = any($2)
    union
    select z.code from muscope.zone z join seen on z.part_of = seen.code where z.load_id = any($1)
)
select coalesce(array_agg(code order by code), '{}') from seen;
