-- grain: one row per answer; one row per pair of answers to one question
-- reads: numbered, cache.signatures, answer_texts, pairs_of_one_question, question_pairs_to_check
-- makes: answers_by_number, question_pairs
-- What the workers that find near copies get from the driver. A pair is a number, as in `duplicates/27_pairs_by_bigram.sql`.
create or replace temp table answers_by_number as
select number, answer_hash, words, bigrams, answer_key, answer
from numbered join cache.signatures using (answer_hash) join answer_texts using (answer_hash)
order by number;
create or replace temp table question_pairs as
select first as number, first::ubigint * 4294967296 + second as pair, is_to_check
from (
    select least(x.number, y.number) as first, greatest(x.number, y.number) as second,
        (a_hash, b_hash) in (from question_pairs_to_check) as is_to_check
    from pairs_of_one_question join numbered x on x.answer_hash = a_hash join numbered y on y.answer_hash = b_hash
)
order by pair;
drop table question_pairs_to_check;
drop table numbered
