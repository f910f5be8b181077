-- Each statement sees the newest pointers (see hold); the locks live as long as the transaction, however idle.
begin isolation level read committed read only;
set local idle_in_transaction_session_timeout = 0;
