-- grain: one row per figure
-- reads: statistics, occurrences, documents
-- answers: each figure with its source, to be cited outside the database
-- The source is the question it answers, the document's uri and web address, and the time the document was fetched
-- (both null where the source does not say).
select s.*, question, uri, source_url, fetched_at
from statistics s
join occurrences using (occurrence_id)
join documents using (document_id)
order by uri, s.char_start
