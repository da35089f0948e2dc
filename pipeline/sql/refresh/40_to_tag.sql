-- grain: one row per row of qa that has to be tagged
-- reads: representatives, occurrences
-- makes: to_tag
create or replace temp table to_tag as
select r.qa_id, o.question, o.answer
from representatives r join occurrences o on o.occurrence_id = r.canonical_occurrence_id
where not r.is_published
