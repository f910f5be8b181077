alter table muscope.contract_term_{id} add primary key (key, load_id);
create index on muscope.contract_term_{id} (contract_no);
analyze muscope.contract_term_{id} (key, contract_no);
