and (s.id ilike $10 or p.name ilike $10 or p.holder ilike $10 or p.project_no ilike $10)
