-- grain: one row per pair of answers to one question that has not been compared
-- reads: answers_to_question, new_pairs_of_one_question, cache.signatures
-- makes: question_pairs_to_check
-- Of the pairs of one question, those that share a bigram, or of which one answer is short. What the search by bigram
-- no longer needs is dropped, for it is large.
drop view if exists pairs_by_bigram;
drop table if exists blocking_keys;
drop table if exists affected_bigram_frequencies;
create or replace temp table question_pairs_to_check as
with bigrams_of as (
    select question_hash, answer_hash, answers, first, unnest(bigrams) as bigram
    from answers_to_question join cache.signatures using (answer_hash)
    where answer_hash in (
        select a_hash from new_pairs_of_one_question union select b_hash from new_pairs_of_one_question
    )
),
sharing_pairs as (
    select x.answer_hash as a_hash, y.answer_hash as b_hash
    from bigrams_of x join bigrams_of y using (question_hash, bigram)
    where x.answers <= getvariable('largest_group') and y.answer_hash > x.answer_hash
    union
    select x.answer_hash, y.answer_hash
    from (from bigrams_of where answer_hash = first and answers > getvariable('largest_group')) x
    join bigrams_of y using (question_hash, bigram)
    where y.answer_hash <> x.answer_hash
    union
    select a_hash, b_hash
    from new_pairs_of_one_question
    join cache.signatures a on a.answer_hash = a_hash join cache.signatures b on b.answer_hash = b_hash
    where least(a.words, b.words) <= getvariable('short_answer_words_of_one_question')
)
from new_pairs_of_one_question semi join sharing_pairs using (a_hash, b_hash)
