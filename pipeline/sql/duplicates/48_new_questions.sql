-- grain: one row per question that is not in the cache yet
-- reads: occurrences, cache.occurrence_hashes, cache.questions
-- makes: removed_needs, new_questions, questions_to_read, cache.questions
-- Questions that were removed leave the cache; removed_needs are the needs they had.
create or replace temp table removed_needs as
select distinct need_hash from cache.questions anti join cache.occurrence_hashes using (question_hash)
where need_hash is not null;
delete from cache.questions where question_hash not in (select question_hash from cache.occurrence_hashes);
create or replace temp table new_questions as
select question_hash, any_value(question_key) as question_key
from cache.occurrence_hashes join occurrences using (occurrence_id)
where question_hash not in (select question_hash from cache.questions)
group by question_hash;
create or replace temp table questions_to_read as from new_questions
