-- grain: one row per figure of the document $document_id, in the order of its text
-- reads: statistics, occurrences
-- answers: which characters of the document are figures, and what they measure
select statistic_id, line, s.char_start, s.char_end, measure, population, attribution
from statistics s join occurrences using (occurrence_id)
where document_id = $document_id
order by s.char_start, s.char_end
