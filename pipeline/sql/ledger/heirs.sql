-- The row of qa an id that is no longer published lives on in: the newest change that names it.
select qa_id as heir from changes
where before is not null and json_extract_string(before, '$.qa_id') = $id and qa_id <> $id
order by rowid desc
limit 1
