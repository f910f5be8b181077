and concat_ws(chr(10), s.id, p.name, p.holder, p.project_no) collate "C" ilike $10
