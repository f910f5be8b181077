-- +goose Up

alter table muscope.batch drop constraint batch_layer_check;
alter table muscope.batch add constraint batch_layer_check check (layer in ('zones', 'parcels', 'buildings', 'constraints', 'stats',
    'approvals', 'phases', 'uses', 'terms', 'firms', 'events', 'rankings', 'zone_actions'));

-- An approval: a batch or a separately sited project. In which zones it lies is found when it is read: approvals are
-- few, and zones may be loaded after them.
create table muscope.approval (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    id text collate "C" not null,
    approval_no text collate "C",
    approved_on date,
    kind text,
    area_ha numeric,
    new_construction_ha numeric,
    revoked_ha numeric,
    revoked_on date,
    area_m2 numeric, -- of the boundary, on the ellipsoid
    geom geometry(MultiPolygon, 4490),
    extra jsonb,
    primary key (id, load_id)
) partition by list (load_id);
create index approval_shape on muscope.approval using gist (geom);
alter table muscope.approval alter geom set storage external;

-- Rows of the tables. key is what names a row (its key fields, and for events a digest of all fields).
create table muscope.phase (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    parcel text collate "C" not null,
    phase text not null,
    land_m2 numeric,
    agreed_start_on date,
    agreed_completion_on date,
    started_on date,
    completed_on date,
    planned_footprint_m2 numeric,
    price_wan numeric,
    primary key (key, load_id)
) partition by list (load_id);
create index phase_parcel on muscope.phase (parcel);

create table muscope.land_use (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    parcel text collate "C" not null,
    use_code text not null,
    land_m2 numeric,
    floor_m2 numeric,
    term_years numeric,
    primary key (key, load_id)
) partition by list (load_id);
create index land_use_parcel on muscope.land_use (parcel);

create table muscope.contract_term (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    contract_no text collate "C" not null,
    indicator text not null,
    comparison text,
    value numeric,
    unit text,
    primary key (key, load_id)
) partition by list (load_id);
create index contract_term_contract on muscope.contract_term (contract_no);

create table muscope.firm (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    year integer not null,
    uscc text collate "C" not null,
    parcel text collate "C" not null,
    role text,
    land_m2 numeric,
    floor_m2 numeric,
    entered_on date,
    output_wan numeric,
    value_added_wan numeric,
    revenue_wan numeric,
    tax_wan numeric,
    fixed_assets_wan numeric,
    employees numeric,
    rd_wan numeric,
    energy_tce numeric,
    primary key (key, load_id)
) partition by list (load_id);
create index firm_parcel on muscope.firm (parcel);

create table muscope.idle_event (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    parcel text collate "C" not null,
    on_day date,
    kind text,
    document_no text,
    cause text,
    cause_from date,
    cause_to date,
    new_start_on date, -- a settlement: the start that was agreed anew
    amount_wan numeric,
    by text,
    note text,
    file_sha256 text,
    primary key (key, load_id)
) partition by list (load_id);
create index idle_event_parcel on muscope.idle_event (parcel);

create table muscope.ranking (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    year integer not null,
    zone text collate "C" not null,
    scope text,
    rank numeric,
    of numeric,
    primary key (key, load_id)
) partition by list (load_id);
create index ranking_zone on muscope.ranking (zone);

create table muscope.zone_action (
    load_id integer not null,
    file integer not null,
    feature bigint not null,
    position bigint not null,
    key text collate "C" not null,
    zone text collate "C" not null,
    on_day date,
    kind text,
    document_no text,
    primary key (key, load_id)
) partition by list (load_id);
create index zone_action_zone on muscope.zone_action (zone);

-- +goose Down
drop table muscope.zone_action, muscope.ranking, muscope.idle_event, muscope.firm, muscope.contract_term, muscope.land_use, muscope.phase,
    muscope.approval;
delete from muscope.snapshot_layer where layer not in ('zones', 'parcels', 'buildings', 'constraints', 'stats');
delete from muscope.load where of_table in ('zone_action', 'ranking', 'idle_event', 'firm', 'contract_term', 'land_use', 'phase', 'approval');
delete from muscope.batch where layer not in ('zones', 'parcels', 'buildings', 'constraints', 'stats');
alter table muscope.batch drop constraint batch_layer_check;
alter table muscope.batch add constraint batch_layer_check check (layer in ('zones', 'parcels', 'buildings', 'constraints', 'stats'));
