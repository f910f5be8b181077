insert into muscope.load (id, batch, analysis, of_table, zone_loads, row_count, densest, bounds)
values ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), $4, $5, $6, $7, $8);
