-- The id of what each question asks: of the question that stands for all that ask the same, the shortest, then the first
-- by the alphabet.
create or replace temp table question_groups as
select question_hash, first_value(question_id) over (
    partition by coalesce(meaning_hash, question_id) order by length(question_key), question_key
) as question_id
from kept.questions
