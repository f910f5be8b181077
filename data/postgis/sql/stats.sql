select row(zone, year, {fields}) from muscope.stats where load_id = any($1) order by zone, year;
