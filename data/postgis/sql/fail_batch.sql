update muscope.batch set state = 'failed' where id = $1 and state = 'loading';
