-- Contents without a name yet.
select c.question_hash, c.answer_hash, question_key, if(o.is_answered, answer_key, null) as answer_key
from contents c join occurrences o on occurrence_id = id
where not exists (
    select 1 from kept.contents k
    where k.question_hash = c.question_hash and k.answer_hash is not distinct from c.answer_hash
)
