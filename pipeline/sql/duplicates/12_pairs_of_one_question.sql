-- grain: one row per pair of answers to one question
-- reads: cache.occurrence_hashes, new_answers, cache.contents
-- makes: answers_to_question, pairs_by_question, pairs_of_one_question, new_pairs_of_one_question
-- Every two answers to one question are a pair. Where a question has too many answers, each is paired with the first one
-- alone. Takes cache.contents as the previous run left it.
create or replace temp table answers_to_question as
with asked as materialized (
    select distinct question_hash, answer_hash from cache.occurrence_hashes where has_words and is_answered and length > 0
)
select question_hash, answer_hash, answers, first
from asked join (
    select question_hash, count(*) as answers, min(answer_hash) as first from asked group by question_hash having answers > 1
) using (question_hash);
create or replace temp table pairs_by_question as
select question_hash, x.answer_hash as a_hash, y.answer_hash as b_hash
from answers_to_question x join answers_to_question y using (question_hash)
where x.answers <= getvariable('largest_group') and y.answer_hash > x.answer_hash
union all
select question_hash, first, answer_hash from answers_to_question
where answers > getvariable('largest_group') and answer_hash <> first;
create or replace temp table pairs_of_one_question as select distinct a_hash, b_hash from pairs_by_question;
-- Pairs that have not been compared: one of the answers is new to the question, or the question has or had too many
-- answers for every pair.
create or replace temp table new_pairs_of_one_question as
with new as (
    select question_hash, answer_hash from answers_to_question anti join cache.contents using (question_hash, answer_hash)
    union
    select question_hash, answer_hash from answers_to_question semi join new_answers using (answer_hash)
),
large as (
    select question_hash from answers_to_question where answers > getvariable('largest_group')
    union
    select question_hash from cache.contents where answer_hash is not null
    group by question_hash having count(*) > getvariable('largest_group')
)
select distinct a_hash, b_hash from pairs_by_question p
where (question_hash, a_hash) in (from new) or (question_hash, b_hash) in (from new)
    or question_hash in (from large);
drop table pairs_by_question
