-- Which row of qa each one is: qa_ids (row, canonical_occurrence_id, question_id, qa_id, again: above 0 for rows that
-- people hold apart though their question and answer are equal).
create or replace temp table qa_ids as
select canonical.row, canonical_occurrence_id, question_id, qa_id,
    row_number() over (partition by s.question_hash, s.answer_hash order by canonical_occurrence_id) - 1 as again
from canonical
join seated s on s.occurrence_id = canonical_occurrence_id
join kept.contents k on k.question_hash = s.question_hash and k.answer_hash is not distinct from s.answer_hash
join question_groups g on g.question_hash = s.question_hash
