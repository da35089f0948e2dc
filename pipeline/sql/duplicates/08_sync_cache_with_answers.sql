-- grain: one row per distinct answer, by answer_hash
-- reads: occurrences, cache.occurrence_hashes, cache.orphans, cache.signatures, cache.rarest_shingles,
--        cache.split_answers, cache.sentences, cache.shared_bigrams, cache.relations
-- makes: new_occurrences, current_answers, answer_texts, texts_to_compare, outdated_signatures, outdated_answers, new_answers,
--        answers_to_sign, cache.occurrence_hashes, cache.signatures, cache.rarest_shingles, cache.split_answers,
--        cache.sentences, cache.shared_bigrams, cache.relations
-- The current answers, the new and the removed ones since the cache was written. What the cache holds about a removed
-- answer is deleted. An answer counts when its key has a word in it. Sets variable all_new: whether every answer is new.
create or replace temp table new_occurrences as
select occurrence_id from occurrences anti join cache.occurrence_hashes using (occurrence_id);
-- DuckDB reads the texts of these rows alone, as the join is by number of row: with 1,600 of 140,000 new in .01 instead of
-- .2 s of processor time. Rows are numbered anew by a checkpoint, so their numbers hold in one statement only.
insert into cache.occurrence_hashes
with new_rows as materialized (select rowid as row from occurrences semi join new_occurrences using (occurrence_id))
select occurrence_id, document_id, md5_number_lower(question_key), question_key <> '',
    if(is_answered, md5_number_lower(answer_key), null), md5_number_lower(answer), is_answered, is_truncated,
    length(answer_key)
from new_rows join occurrences on occurrences.rowid = row;
-- text_hash names the wording that represents the answer, source_id an occurrence or orphan that has it.
create or replace temp table current_answers as
select answer_hash, min(text_hash) as text_hash, arg_min(source_id, text_hash) as source_id,
    bool_or(is_orphan) as is_orphan
from (
    select answer_hash, text_hash, occurrence_id as source_id, false as is_orphan
    from cache.occurrence_hashes where is_answered and length > 0
    union all
    select md5_number_lower(answer_key), md5_number_lower(answer), leftover_id, true
    from cache.orphans where answer_key <> ''
)
group by answer_hash;
create or replace temp view answer_texts as
select answer_hash, answer_key, answer
from current_answers
join (
    select occurrence_id as source_id, answer_key, answer from occurrences
    union all
    select leftover_id, answer_key, answer from cache.orphans
) using (source_id);
create or replace temp view texts_to_compare as from answer_texts;
create or replace temp table outdated_signatures as
select answer_hash, text_hash from cache.signatures anti join current_answers using (answer_hash, text_hash);
create or replace temp table outdated_answers as
select answer_hash, shingles, bigrams from cache.signatures semi join outdated_signatures using (answer_hash);
create or replace temp table new_answers as
select answer_hash, text_hash from current_answers anti join cache.signatures using (answer_hash, text_hash);
delete from cache.signatures where answer_hash in (select answer_hash from outdated_answers);
delete from cache.rarest_shingles where answer_hash in (select answer_hash from outdated_answers);
delete from cache.split_answers where answer_hash in (select answer_hash from outdated_answers);
delete from cache.sentences where answer_hash in (select answer_hash from outdated_answers);
delete from cache.shared_bigrams
where a_hash in (select answer_hash from outdated_answers) or b_hash in (select answer_hash from outdated_answers);
delete from cache.relations
where a_hash in (select answer_hash from outdated_answers) or b_hash in (select answer_hash from outdated_answers);
set variable all_new = (select count(*) from new_answers) = (select count(*) from current_answers);
-- The texts of new answers, read by number of row as well.
create or replace temp table answers_to_sign as
with found as materialized (
    select occurrences.rowid as row, answer_hash, new_answers.text_hash
    from new_answers join current_answers using (answer_hash) join occurrences on occurrence_id = source_id
)
select answer_hash, text_hash, answer_key, answer from found join occurrences on occurrences.rowid = row
union all
select answer_hash, new_answers.text_hash, answer_key, answer
from new_answers join current_answers using (answer_hash) join cache.orphans on leftover_id = source_id
