update muscope.analysis set state = 'failed' where id = $1 and state = 'running';
