-- Rows that people hold apart though their question and answer are equal, but for the first of them.
select i.row, again, question_key, answer_key
from qa_ids i join occurrences on occurrence_id = canonical_occurrence_id
where again > 0
