select coalesce(analysis, 0) from muscope.snapshot where name = $1;
