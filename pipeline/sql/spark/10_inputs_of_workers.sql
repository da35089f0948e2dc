-- grain: one row per answer; one row per answer; one row per pair of answers to one question, and end of it
-- reads: numbered, cache.signatures, answer_texts, pairs_of_one_question, question_pairs_to_check
-- makes: answers, texts, question_pairs
-- What the workers that relate answers get from the driver, by number of an answer; other: the number of the other end.
-- Views, as the driver sends their rows in any order, and holds none of them: to sort the texts of all answers takes
-- memory that grows with them.
create or replace temp view answers as
select number, answer_hash, text_hash, words, length, is_cut, cut_shingle, shingles, bigrams
from cache.signatures join numbered using (answer_hash);
create or replace temp view texts as
select number, answer_key, answer from answer_texts join numbered using (answer_hash);
create or replace temp view question_pairs as
with numbered_pairs as (
    select a_hash, b_hash, x.number as a, y.number as b, (a_hash, b_hash) in (from question_pairs_to_check) as is_to_check
    from pairs_of_one_question join numbered x on x.answer_hash = a_hash join numbered y on y.answer_hash = b_hash
)
select a as number, b as other, a_hash, b_hash, is_to_check from numbered_pairs
union all
select b, a, a_hash, b_hash, is_to_check from numbered_pairs
