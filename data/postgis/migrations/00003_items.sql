-- +goose Up

-- What filters (CQL2) mean by CASEI: text without regard to case. Raising first folds what lowering alone keeps apart (ß and SS).
create function muscope.casei(text) returns text language sql immutable strict parallel safe as $$
    select lower(upper($1 collate "und-x-icu") collate "und-x-icu") collate "C"
$$;

-- ACCENTI: text without the combining marks U+0300 to U+036F.
-- +goose StatementBegin
create function muscope.accenti(text) returns text language sql immutable strict parallel safe as $$
    select normalize(regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'), NFC) collate "C"
$$;
-- +goose StatementEnd

-- Arithmetic of filters: NULL where a result is out of the range of double precision, too large or too small, or the
-- divisor is 0. Numbers of ordinary size are calculated without the exception block, which costs a subtransaction.
-- +goose StatementBegin
create function muscope.calculate(operator text, a double precision, b double precision) returns double precision
language plpgsql immutable strict as $$
begin
    if (a = 0 or abs(a) between 1e-140 and 1e140) and (b = 0 or abs(b) between 1e-140 and 1e140) then
        case operator
            when '+' then return a + b;
            when '-' then return a - b;
            when '*' then return a * b;
            when '/' then return a / nullif(b, 0);
            when 'div' then return trunc(a / nullif(b, 0));
            when '%' then return a - b * trunc(a / nullif(b, 0));
            else
        end case;
    end if;
    begin
        return case operator
            when '+' then a + b
            when '-' then a - b
            when '*' then a * b
            when '/' then a / nullif(b, 0)
            when 'div' then trunc(a / nullif(b, 0))
            when '%' then a - b * trunc(a / nullif(b, 0))
            when '^' then power(a, b)
        end;
    exception when numeric_value_out_of_range or invalid_argument_for_power_function or division_by_zero then
        return null;
    end;
end $$;
-- +goose StatementEnd

-- What an analysis consists of, as state says it of the current one, with a shared lock on each of its loads until the
-- transaction ends; NULL where it or a part of it is gone.
-- +goose StatementBegin
create function muscope.hold_analysis(of_snapshot text, wanted bigint) returns jsonb language plpgsql volatile as $$
declare
    seen jsonb;
    missing boolean;
begin
    select jsonb_build_object('analysis', a.id, 'loads', a.loads, 'batches', a.batches, 'results', to_jsonb(a.parts)) into seen
    from muscope.analysis a
    where a.id = wanted and a.snapshot = of_snapshot and a.state in ('published', 'retired');
    if seen is null then
        return null;
    end if;
    perform pg_advisory_xact_lock_shared(29048, id::integer)
    from (
        select jsonb_array_elements_text(seen -> 'results')
        union all
        select jsonb_array_elements_text(layer.value) from jsonb_each(seen -> 'loads') layer
        union all
        select reject_load::text from muscope.batch
        where reject_load is not null and id in (select jsonb_array_elements_text(seen -> 'batches')::bigint)
    ) ids (id);
    select exists (
        select from (
            select jsonb_array_elements_text(seen -> 'results')
            union all
            select jsonb_array_elements_text(layer.value) from jsonb_each(seen -> 'loads') layer
        ) ids (id)
        where not exists (select from muscope.load l where l.id = ids.id::integer)) into missing;
    return case when not missing then seen end;
end $$;
-- +goose StatementEnd

-- +goose Down
drop function muscope.hold_analysis;
drop function muscope.calculate;
drop function muscope.accenti;
drop function muscope.casei;
