-- grain: one row per answer; one row per pair of answers to one question, and end of it
-- reads: numbered, cache.signatures, answer_texts, pairs_of_one_question, question_pairs_to_check
-- makes: answers, question_pairs
-- What the workers that relate answers get from the driver, by number of an answer; other: the number of the other end.
create or replace temp table answers as
select number, answer_hash, text_hash, words, length, is_cut, cut_shingle, shingles, bigrams, answer_key, answer
from numbered join cache.signatures using (answer_hash) join answer_texts using (answer_hash)
order by number;
create or replace temp table question_pairs as
with numbered_pairs as (
    select a_hash, b_hash, x.number as a, y.number as b, (a_hash, b_hash) in (from question_pairs_to_check) as is_to_check
    from pairs_of_one_question join numbered x on x.answer_hash = a_hash join numbered y on y.answer_hash = b_hash
)
select a as number, b as other, a_hash, b_hash, is_to_check from numbered_pairs
union all
select b, a, a_hash, b_hash, is_to_check from numbered_pairs
order by number;
drop table question_pairs_to_check;
drop table numbered
