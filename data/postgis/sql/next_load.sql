select nextval('muscope.load_id');
