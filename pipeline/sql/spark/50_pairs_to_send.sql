-- grain: one row per pair to check whose first answer is in a bucket; one row per such answer and bucket it goes to
-- reads: answers, texts, found_pairs, question_pairs
-- makes: pairs_to_send, first_answers_to_send
-- bucket: that of the second answer of the pair.
create or replace temp table pairs_to_send as
with own_pairs as (
    select number::ubigint * 4294967296 + other as pair, is_to_check from question_pairs where number < other
)
select pair, f.pair is not null as is_found, q.pair is not null as is_of_one_question,
    coalesce(is_to_check, false) as is_to_check, pair % 4294967296 // getvariable('file_rows') as bucket
from found_pairs f full join own_pairs q using (pair)
where f.pair is not null or is_to_check;
create or replace temp table first_answers_to_send as
select number, answer_hash, words, bigrams, answer_key, answer, bucket
from (select distinct pair // 4294967296 as number, bucket from pairs_to_send)
join answers using (number) join texts using (number)
