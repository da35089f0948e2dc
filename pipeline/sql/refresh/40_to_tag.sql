-- grain: one row per row of qa that has to be tagged
-- reads: affected_representatives, occurrences
-- makes: to_tag
create or replace temp table to_tag as
select affected_representatives.qa_id, question, answer
from affected_representatives join occurrences on occurrence_id = canonical_occurrence_id
where not is_published
