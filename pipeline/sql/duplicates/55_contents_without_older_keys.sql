-- grain: one row per content whose older keys are not known
-- reads: occurrences, contents, cache.contents, cache.older_keys
-- makes: contents_without_older_keys, cache.older_keys
delete from cache.older_keys
where (question_hash, coalesce(answer_hash, 0)) not in (select (question_hash, coalesce(answer_hash, 0)) from contents);
create or replace temp table contents_without_older_keys as
select c.question_hash, c.answer_hash, question_key, if(c.is_answered, answer, null) as answer, content_key
from contents c
join cache.contents k on k.question_hash = c.question_hash and k.answer_hash is not distinct from c.answer_hash
join occurrences on occurrence_id = id
where not exists (
    select 1 from cache.older_keys o
    where o.question_hash = c.question_hash and o.answer_hash is not distinct from c.answer_hash
)
