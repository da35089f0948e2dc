-- grain: one row per row of qa and per figure
-- reads: qa, occurrences, statistics
-- answers: where in the source pages of a report is each row of qa, and each figure
select qa.qa_id as id, document_id || '#L' || line_start as link
from qa join occurrences on occurrence_id = canonical_occurrence_id
union all
select statistic_id, document_id || '#' || statistic_id from statistics join occurrences using (occurrence_id)
