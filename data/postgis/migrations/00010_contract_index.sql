-- +goose Up
-- A zone's contracts are looked up on the parcels of other zones.
create index parcel_of_contract on muscope.parcel (contract_no) where contract_no is not null;

-- +goose Down
drop index muscope.parcel_of_contract;
