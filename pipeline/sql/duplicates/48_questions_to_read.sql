-- grain: one row per question that is not in the cache yet
-- reads: occurrences, cache.occurrence_hashes, cache.questions
-- makes: questions_to_read, cache.questions
-- Questions that were removed leave the cache.
delete from cache.questions where question_hash not in (select question_hash from cache.occurrence_hashes);
create or replace temp table questions_to_read as
select question_hash, any_value(question_key) as question_key
from cache.occurrence_hashes join occurrences using (occurrence_id)
where question_hash not in (select question_hash from cache.questions)
group by question_hash
