-- +goose Up
-- What the tables (phases, uses, firms, events) add to the row of a part: land.Details.
alter table muscope.part_status add column details json;

-- A firm's money is shared out over all its land, so its other rows are looked up by its code.
create index firm_uscc on muscope.firm (uscc);

-- +goose Down
drop index muscope.firm_uscc;
alter table muscope.part_status drop column details;
