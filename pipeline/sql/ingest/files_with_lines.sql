-- grain: one row per file
-- reads: line_keys
-- answers: which files contain one of the lines $line_keys?
select distinct uri from line_keys where line_key in (select unnest($line_keys::varchar[])) order by uri
