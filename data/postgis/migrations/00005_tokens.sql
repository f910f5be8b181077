-- +goose Up

-- Bearer tokens: who may read what from another machine. The secret itself is kept nowhere; it holds 256 random bits, so
-- that its plain SHA-256 is enough.
create table muscope.token (
    id bigint generated always as identity primary key,
    name text not null default '' check (length(name) <= 200),
    hash bytea not null unique check (length(hash) = 32),
    role text not null check (role in ('viewer', 'editor', 'admin')),
    zones text[] check (cardinality(zones) > 0), -- codes, their parks with them; NULL is everything
    created_at timestamptz not null default now(),
    created_by text not null default '',
    expires_at timestamptz, -- the first moment at which it is no longer good; NULL is never
    revoked_at timestamptz,
    last_used_on date, -- in China
    check (role <> 'admin' or zones is null)
);

-- +goose Down
drop table muscope.token;
