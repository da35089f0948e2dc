-- grain: one row per boilerplate line
-- reads: line_keys, documents
-- answers: which lines do at least $many documents contain, and at least this share of all ($share, 0 to 1)?
select line_key from line_keys
group by line_key
having sum(documents) >= greatest($many, $share * (select count(*) from documents))
order by line_key
