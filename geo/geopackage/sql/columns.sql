-- The columns of a table that hold what they say: none that is computed.
select name from pragma_table_xinfo(?) where hidden = 0 order by cid limit 2001
