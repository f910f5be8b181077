select densest, bounds from muscope.load where id = $1;
