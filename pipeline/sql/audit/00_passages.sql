-- grain: one row per occurrence and per orphan answer
-- reads: occurrences, leftovers, occurrence_keys, orphan_keys
-- makes: passages
-- key: equal for equal content. occurrence_keys (question_key, answer_key, key) and orphan_keys (leftover_id, key) are
-- frames of review_queue.py.
create or replace temp table passages as
select occurrence_id as id, key, document_id, qa_id, is_truncated, false as is_orphan
from occurrences o join occurrence_keys k
    on k.question_key = o.question_key and k.answer_key = if(is_answered, coalesce(o.answer_key, ''), '')
union all
select leftover_id, key, document_id, qa_id, false, true from leftovers join orphan_keys using (leftover_id)
