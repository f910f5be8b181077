insert into muscope.load (id, batch, of_table, zone_loads, row_count, densest, bounds)
values ($1, $2, $3, $4, $5, $6, $7);
