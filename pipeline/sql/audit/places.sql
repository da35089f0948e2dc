-- Every place of a text, by the name of its content: one row per occurrence and per orphan answer.
-- Takes content_names (question_key, answer_key, key) and orphan_names (leftover_id, key).
create or replace temp table places as
select occurrence_id as id, key, document_id, qa_id, is_truncated, false as is_orphan
from occurrences o join content_names n
    on n.question_key = o.question_key and n.answer_key = if(is_answered, coalesce(o.answer_key, ''), '')
union all
select leftover_id, key, document_id, qa_id, false, true from leftovers join orphan_names using (leftover_id)
