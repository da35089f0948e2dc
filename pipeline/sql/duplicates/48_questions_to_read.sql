-- grain: one row per question that is not in the cache yet
-- reads: occurrences, cache.occurrence_hashes, cache.questions
-- makes: questions_to_read, cache.questions
-- Questions that were removed leave the cache. The texts of new ones are read by number of row, as in
-- `08_sync_cache_with_answers.sql`.
delete from cache.questions where question_hash not in (select question_hash from cache.occurrence_hashes);
create or replace temp table questions_to_read as
with unread as materialized (
    select question_hash, any_value(occurrence_id) as occurrence_id from cache.occurrence_hashes
    where question_hash not in (select question_hash from cache.questions)
    group by question_hash
),
found as materialized (
    select question_hash, occurrences.rowid as row from unread join occurrences using (occurrence_id)
)
select question_hash, question_key from found join occurrences on occurrences.rowid = row
