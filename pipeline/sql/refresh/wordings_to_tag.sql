-- Wordings without tags. Takes wordings.
create or replace temp table to_tag as
select w.qa_id, o.question, o.answer
from wordings w join occurrences o on o.occurrence_id = w.canonical_occurrence_id
where not w.is_published
