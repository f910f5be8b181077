select s.name, s.created_at,
    (select coalesce(array_agg(layer order by array_position('{zones,parcels,buildings,constraints,stats,approvals,phases,uses,terms,firms,events,rankings,zone_actions}', layer)), '{}')
     from muscope.snapshot_layer l where l.snapshot = s.name),
    a.analysis_id, a.as_of, a.published_at,
    a.id is not null and a.loads is distinct from muscope.state(s.name, false) -> 'loads',
    (select coalesce(sum(row_count), 0) from muscope.load where id in (select jsonb_array_elements_text(shown.loads -> 'zones')::integer)),
    (select coalesce(sum(whole_count), 0) from muscope.load where id in (select jsonb_array_elements_text(shown.loads -> 'parcels')::integer))
from muscope.snapshot s
left join muscope.analysis a on a.id = s.analysis,
lateral (select muscope.state(s.name, true) -> 'loads' loads) shown
order by s.name;
