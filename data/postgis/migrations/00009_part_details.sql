-- +goose Up
-- What the tables (phases, uses, firms, events) add to the row of a part: land.Details.
alter table muscope.part_status add column details json;

-- +goose Down
alter table muscope.part_status drop column details;
