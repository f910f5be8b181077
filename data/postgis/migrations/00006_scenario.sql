-- +goose Up

-- An expansion check that somebody asked to keep, with what was supposed to be otherwise. Nothing reads it but people.
create table muscope.scenario (
    snapshot text collate "C" not null references muscope.snapshot,
    name text collate "C" not null check (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    zone text collate "C" not null,
    boundary_scope text collate "C" not null,
    made_by text not null default '',
    made_at timestamptz not null default now(),
    document json not null, -- expansion.Document
    primary key (snapshot, name)
);

-- +goose Down
drop table muscope.scenario;
