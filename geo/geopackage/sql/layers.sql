-- The layers of features, with their geometry and system. What a file of
-- another kind lacks shows as an error.
select c.table_name, g.column_name, s.srs_id, s.organization, s.organization_coordsys_id, s.definition
from gpkg_contents c
join gpkg_geometry_columns g on g.table_name = c.table_name
left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id
join sqlite_schema m on m.name = c.table_name and m.type = 'table' and m.sql not like 'create virtual%'
where c.data_type = 'features'
order by c.table_name
limit 1000
