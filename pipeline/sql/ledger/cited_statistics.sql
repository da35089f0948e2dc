-- One row per figure with where it stands, for use outside the database: the question it answers, the document's path
-- and web address, and when it was fetched (both null where the source does not say).
select s.*, question, uri, source_url, fetched_at
from statistics s
join occurrences using (occurrence_id)
join documents using (document_id)
order by uri, s.char_start
