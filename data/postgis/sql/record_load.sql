insert into muscope.load (id, batch, analysis, of_table, zone_loads, row_count, whole_count, densest, bounds)
values ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), $4, coalesce($5::integer[], '{}'), $6, $7, $8, $9);
