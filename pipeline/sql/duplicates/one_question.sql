-- Answers to one question: each pair of them is compared. Takes places, present, fresh, and kept.contents as they were.
-- Where a question has too many answers, each is compared with the first alone.
create or replace temp table answers_to as
select question_hash, answer_hash, count(*) over of_question as answers, min(answer_hash) over of_question as first
from (select distinct question_hash, answer_hash from places semi join present using (answer_hash) where has_words)
window of_question as (partition by question_hash);
create or replace temp table pairs_by_question as
select question_hash, x.answer_hash as a_hash, y.answer_hash as b_hash
from answers_to x join answers_to y using (question_hash)
where x.answers between 2 and getvariable('largest_group') and y.answer_hash > x.answer_hash
union all
select question_hash, first, answer_hash from answers_to
where answers > getvariable('largest_group') and answer_hash <> first;
create or replace temp table one_question as select distinct a_hash, b_hash from pairs_by_question;
-- Pairs that have not been compared: one of the answers is new there, or there were or are too many for every pair.
create or replace temp table new_to_question as
with new as (
    select question_hash, answer_hash from answers_to anti join kept.contents using (question_hash, answer_hash)
    union
    select question_hash, answer_hash from answers_to semi join fresh using (answer_hash)
),
crowded as (
    select question_hash from answers_to where answers > getvariable('largest_group')
    union
    select question_hash from kept.contents where answer_hash is not null
    group by question_hash having count(*) > getvariable('largest_group')
)
select distinct a_hash, b_hash from pairs_by_question p
where (question_hash, a_hash) in (from new) or (question_hash, b_hash) in (from new)
    or question_hash in (from crowded);
drop table pairs_by_question
