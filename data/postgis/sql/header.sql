select header from muscope.analysis where id = $1;
