-- The files that hold one of the lines $line_keys.
select distinct uri from line_keys where line_key in (select unnest($line_keys::varchar[])) order by uri
