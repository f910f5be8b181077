-- Which of the codes $1 no zone of any load has.
select coalesce(array_agg(asked.code order by asked.code), '{}') from unnest($1::text[]) asked (code)
where not exists (select from muscope.zone z where z.code = asked.code);
