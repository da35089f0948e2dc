-- Which row of qa each one is: qa_ids (row, canonical_occurrence_id, question_id, qa_id, again: above 0 for rows that
-- people hold apart though their question and answer are equal).
create or replace temp table qa_ids as
with worded as (
    select canonical.row, canonical_occurrence_id, s.question_hash, s.answer_hash
    from canonical join seated s on s.occurrence_id = canonical_occurrence_id
),
repeated as (
    select question_hash, answer_hash from worded group by question_hash, answer_hash having count(*) > 1
),
held_apart as (
    select w.row, row_number() over (partition by w.question_hash, w.answer_hash order by canonical_occurrence_id) - 1 as again
    from worded w join repeated r
    on r.question_hash = w.question_hash and r.answer_hash is not distinct from w.answer_hash
)
select w.row, canonical_occurrence_id, question_id, qa_id, coalesce(again, 0) as again
from worded w
join kept.contents k on k.question_hash = w.question_hash and k.answer_hash is not distinct from w.answer_hash
join question_groups g on g.question_hash = w.question_hash
left join held_apart h on h.row = w.row
