-- +goose Up

-- Numbers of loads: the list-partition key of every feature table, and of the rows of an analysis.
create sequence muscope.load_id as integer;

create table muscope.snapshot (
    name text collate "C" primary key check (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    created_at timestamptz not null default now(),
    analysis bigint -- the current analysis; readers see its loads
);

-- One run of `muscope load` (or a rebuild): what came in, from where, what became of it.
create table muscope.batch (
    id bigint generated always as identity primary key,
    snapshot text collate "C" not null references muscope.snapshot,
    layer text not null check (layer in ('zones', 'parcels', 'buildings', 'constraints', 'stats')),
    state text not null default 'loading' check (state in ('loading', 'published', 'retired', 'failed')),
    appended boolean not null default false,
    inputs jsonb not null default '[]', -- land.Input of each file: digest, settings, counts
    counts jsonb not null default '{}', -- rejects, warnings and notes by code
    reject_load integer, -- where its rejects are, as long as the batch is current
    loaded_by text not null default '',
    started_at timestamptz not null default now(),
    published_at timestamptz,
    retired_at timestamptz
);
create index batch_snapshot on muscope.batch (snapshot, layer);

-- One partition: the rows that one connection of a batch or of an analysis wrote.
create table muscope.load (
    id integer primary key,
    batch bigint references muscope.batch, -- who made it: a load
    analysis bigint, -- or an analysis
    of_table text not null, -- the parent table
    zone_loads integer[], -- parcels: the zone loads by which the rows were located
    row_count bigint not null,
    whole_count bigint not null, -- features: of parcels the home rows
    densest integer[], -- most features in one Web Mercator tile, by zoom from 0
    bounds double precision[] -- west, south, east, north
);

-- The pointer: which loads are a layer of a snapshot now. Publishing is one change of it.
create table muscope.snapshot_layer (
    snapshot text collate "C" references muscope.snapshot,
    layer text,
    load_ids integer[] not null,
    batches bigint[] not null,
    primary key (snapshot, layer)
);

-- What a batch rejected or warned of: a partition of its own, since there may be one for every feature.
create table muscope.reject (
    load_id integer not null,
    seq bigint not null,
    severity text not null,
    layer text not null,
    file text not null,
    feature bigint not null,
    byte_offset bigint not null,
    id text,
    field text,
    code text not null,
    reason text not null,
    remedy text not null,
    place point,
    primary key (seq, load_id)
) partition by list (load_id);

-- A part of a parcel with all its facts: one row a load, zone and parcel. zone '' is land in no zone; the zone that the
-- file declares is declared_zone. Quantities are those of the whole parcel; in the zone they count times share.
-- position is the feature id of tiles: unique in the layer, the same on all parts of a parcel.
create table muscope.parcel (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    share double precision not null,
    set_share double precision not null,
    home boolean not null,
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    id text collate "C" not null,
    part_ellipsoid_m2 numeric not null,
    ellipsoid_m2 numeric not null,
    plane_m2 numeric,
    geom geometry(MultiPolygon, 4490) not null,
    geom_3857 geometry(MultiPolygon, 3857) not null,
    declared_zone text,
    name text,
    holder text,
    holder_code text,
    ownership text,
    tenure text,
    right_layer text,
    rights_basis text,
    use_code text,
    current_use_code text,
    planned_use_code text,
    use_scheme text,
    new_industry boolean,
    industry_code text,
    industry_edition text,
    recorded_area_m2 numeric,
    built_land_m2 numeric,
    project_no text collate "C",
    parent_ids text,
    approval_no text,
    approved_on date,
    acquired_on date,
    supply_ready boolean,
    supplied_on date,
    supply_mode text,
    contract_no text,
    supervision_no text,
    contract_signed_on date,
    price_wan numeric,
    term_years numeric,
    agreed_handover_on date,
    handed_over_on date,
    agreed_start_on date,
    new_start_on date,
    agreed_completion_on date,
    permit_on date,
    construction_state text,
    state_on date,
    started_on date,
    suspended_on date,
    resumed_on date,
    completed_on date,
    in_use_on date,
    accepted_on date,
    delay_cause text,
    determination text,
    determined_on date,
    fee_levied_on date,
    taken_back_on date,
    unbuildable boolean,
    low_efficiency text,
    high_pollution boolean,
    entered_on date,
    planned_footprint_m2 numeric,
    started_footprint_m2 numeric,
    agreed_investment_wan numeric,
    invested_wan numeric,
    floor_area_m2 numeric,
    far_floor_area_m2 numeric,
    footprint_m2 numeric,
    structures_m2 numeric,
    yards_m2 numeric,
    green_m2 numeric,
    ancillary_site_m2 numeric,
    ancillary_basis text,
    ancillary_floor_m2 numeric,
    rental_housing_site_m2 numeric,
    rental_housing_floor_m2 numeric,
    production_service_floor_m2 numeric,
    figures_year numeric,
    output_wan numeric,
    value_added_wan numeric,
    revenue_wan numeric,
    tax_wan numeric,
    fixed_assets_wan numeric,
    employees numeric,
    rd_wan numeric,
    energy_tce numeric,
    extra jsonb,
    primary key (id, zone, boundary_scope, load_id)
) partition by list (load_id);
create index parcel_in_zone on muscope.parcel (zone, boundary_scope, position);
create index parcel_of_project on muscope.parcel (project_no) where project_no is not null;
create index parcel_shape on muscope.parcel using gist (geom_3857);

-- A zone. Its shape is the union of its pieces and of all parks below it; shape_low is the same, generalised for small scales.
create table muscope.zone (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    code text collate "C" not null,
    name text,
    boundary_scope text collate "C" not null,
    kind text,
    level text,
    province text,
    county text,
    part_of text,
    approved_area_ha numeric,
    approved_on date,
    filed_no text,
    filed_on date,
    valid_from date,
    valid_to date,
    area_m2 numeric not null,
    pieces integer not null,
    geom geometry(MultiPolygon, 4490) not null,
    geom_3857 geometry(MultiPolygon, 3857) not null,
    geom_low geometry(MultiPolygon, 3857) not null,
    extra jsonb,
    primary key (code, boundary_scope, load_id)
) partition by list (load_id);
create index zone_shape on muscope.zone using gist (geom_3857);

create table muscope.building (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    id text collate "C" not null,
    parcel text,
    use text,
    floors numeric,
    height_m numeric,
    floor_area_m2 numeric,
    vacant_m2 numeric,
    completed_on date,
    area_m2 numeric not null,
    geom geometry(MultiPolygon, 4490) not null,
    geom_3857 geometry(MultiPolygon, 3857) not null,
    extra jsonb,
    primary key (id, load_id)
) partition by list (load_id);
create index building_shape on muscope.building using gist (geom_3857);

create table muscope.constraint_area (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    id text collate "C" not null,
    kind text,
    name text,
    area_m2 numeric not null,
    geom geometry(MultiPolygon, 4490) not null,
    geom_3857 geometry(MultiPolygon, 3857) not null,
    extra jsonb,
    primary key (id, load_id)
) partition by list (load_id);
create index constraint_area_shape on muscope.constraint_area using gist (geom_3857);

create table muscope.stats (
    load_id integer not null,
    zone text collate "C" not null,
    year integer not null,
    gdp_wan numeric,
    revenue_wan numeric,
    industrial_output_wan numeric,
    industrial_value_added_wan numeric,
    tax_wan numeric,
    industrial_tax_wan numeric,
    fixed_assets_wan numeric,
    industrial_fixed_assets_wan numeric,
    employees numeric,
    resident_population numeric,
    rd_wan numeric,
    energy_tce numeric,
    primary key (zone, year, load_id)
) partition by list (load_id);

-- An analysis: by what, of what, as of when. Its rows stand in partitions as those of a load do.
create table muscope.analysis (
    id bigint generated always as identity primary key,
    analysis_id text not null,
    snapshot text collate "C" not null references muscope.snapshot,
    state text not null default 'running' check (state in ('running', 'published', 'retired', 'failed')),
    loads jsonb not null, -- layer to load ids: what was analyzed
    batches jsonb not null, -- and the batches they came in
    parts integer[] not null default '{}', -- load ids of its own rows
    as_of date not null,
    header json not null, -- land.Header
    sets json not null default '[]', -- land.SetResult
    made_by text not null default '',
    started_at timestamptz not null default now(),
    published_at timestamptz
);
create index analysis_snapshot on muscope.analysis (snapshot);

create table muscope.zone_result (
    load_id integer not null,
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    name text not null,
    result json not null, -- land.ZoneResult
    primary key (zone, boundary_scope, load_id)
) partition by list (load_id);

create table muscope.part_status (
    load_id integer not null,
    position bigint not null,
    share double precision not null,
    home boolean not null,
    touch boolean not null,
    finding boolean not null, -- land.PartResult.Finding
    listed boolean not null, -- finding, or a violated verdict on the parcel or its project speaks of it
    since date,
    days integer, -- idle
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    id text collate "C" not null,
    area_m2 numeric not null,
    class text collate "C" not null,
    status text collate "C" not null,
    flags text[] not null,
    reason text not null,
    idle json,
    indicators json,
    primary key (id, zone, boundary_scope, load_id)
) partition by list (load_id);
create index part_status_in_zone on muscope.part_status (zone, boundary_scope, position);
create index part_status_position on muscope.part_status (position);

-- Verdicts violated, not reached or incomputable, of zones, projects and parcels.
create table muscope.verdict (
    load_id integer not null,
    seq integer not null, -- place in the zone's result
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    rule text collate "C" not null, -- pack#rule
    level text not null,
    subject text not null,
    outcome text not null,
    verdict json not null, -- land.Verdict
    primary key (zone, boundary_scope, seq, load_id)
) partition by list (load_id);
create index verdict_rule on muscope.verdict (rule, outcome);

-- Which parcels a verdict on a project or parcel speaks of.
create table muscope.verdict_parcel (
    load_id integer not null,
    seq integer not null,
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    id text collate "C" not null,
    rule text collate "C" not null,
    outcome text collate "C" not null,
    primary key (id, zone, boundary_scope, seq, load_id)
) partition by list (load_id);
create index verdict_parcel_rule on muscope.verdict_parcel (rule, outcome);

-- Shapes stay uncompressed: doubles don't compress, and trying costs a third of a load of large shapes.
alter table muscope.parcel alter geom set storage external, alter geom_3857 set storage external;
alter table muscope.zone alter geom set storage external, alter geom_3857 set storage external, alter geom_low set storage external;
alter table muscope.building alter geom set storage external, alter geom_3857 set storage external;
alter table muscope.constraint_area alter geom set storage external, alter geom_3857 set storage external;

-- What a snapshot consists of: its current analysis with the loads that is of, or (not by_analysis, or never analyzed)
-- the loads published now.
-- +goose StatementBegin
create function muscope.state(of_snapshot text, by_analysis boolean) returns jsonb language sql stable as $$
    select coalesce(
        (select jsonb_build_object('analysis', a.id, 'loads', a.loads, 'batches', a.batches, 'results', to_jsonb(a.parts))
         from muscope.analysis a where a.id = s.analysis and by_analysis),
        (select jsonb_build_object('analysis', 0, 'results', '[]'::jsonb,
            'loads', coalesce(jsonb_object_agg(layer, to_jsonb(load_ids)), '{}'),
            'batches', coalesce(jsonb_agg(batch order by batch) filter (where batch is not null), '[]'))
         from muscope.snapshot_layer left join lateral unnest(batches) batch on true
         where snapshot = s.name))
    from muscope.snapshot s where s.name = of_snapshot
$$;
-- +goose StatementEnd

-- state, with a shared lock on every load until the transaction ends. A load may be replaced and dropped between
-- reading the pointer and locking: so read again, each statement of a volatile function sees the newest, until it stays.
-- +goose StatementBegin
create function muscope.hold(of_snapshot text, by_analysis boolean) returns jsonb language plpgsql volatile as $$
declare
    seen jsonb;
    now_is jsonb := muscope.state(of_snapshot, by_analysis);
begin
    while now_is is distinct from seen loop
        seen := now_is;
        perform pg_advisory_xact_lock_shared(29048, id::integer)
        from (
            select jsonb_array_elements_text(seen -> 'results')
            union all
            select jsonb_array_elements_text(layer.value) from jsonb_each(seen -> 'loads') layer
            union all
            select reject_load::text from muscope.batch
            where reject_load is not null and id in (select jsonb_array_elements_text(seen -> 'batches')::bigint)
        ) ids (id);
        now_is := muscope.state(of_snapshot, by_analysis);
    end loop;
    return seen;
end $$;
-- +goose StatementEnd

-- +goose Down
drop schema muscope cascade;
