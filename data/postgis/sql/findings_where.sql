from muscope.part_status s
{join}
where s.load_id = any($1) and ($2::text[] is null or s.zone = any($2))
    and ($3::integer[] is not null and ($10::text is null or $10 <> ''))
    -- A parcel is listed once: in the zone asked for, else by its home row where the caller may see that, else by the first that he may.
    and case when $4::text is not null then s.zone = $4 and s.boundary_scope = $5
        when $2::text[] is null or (s.home and s.zone = any($2)) then s.home
        else s.zone = any($2) and not exists (
            select from muscope.part_status o
            where o.load_id = any($1) and o.id = s.id and o.zone = any($2)
                and (o.home or (o.zone, o.boundary_scope) < (s.zone, s.boundary_scope))) end
    and ($6::text[] is null or s.status = any($6))
    and ($7::text[] is null or s.class = any($7))
    and (($8::text is null and $9::text is null) or exists (
        select from muscope.verdict_parcel vp
        where vp.load_id = any($1) and vp.id = s.id and vp.zone = s.zone and vp.boundary_scope = s.boundary_scope
            and ($8 is null or vp.rule = $8) and ($9 is null or vp.outcome = $9)))
    and ($11::boolean or s.listed)
    {search}
