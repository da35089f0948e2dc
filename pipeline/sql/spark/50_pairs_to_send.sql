-- grain: one row per pair to check whose first answer is in a bucket; one row per such answer and bucket it goes to
-- reads: answers, found_pairs, question_pairs
-- makes: pairs_to_send, answers_to_send
-- bucket: that of the second answer of the pair.
create or replace temp table pairs_to_send as
select pair, f.pair is not null as is_found, q.pair is not null as is_of_one_question,
    coalesce(is_to_check, false) as is_to_check, pair % 4294967296 // getvariable('file_rows') as bucket
from found_pairs f full join question_pairs q using (pair)
where f.pair is not null or is_to_check;
create or replace temp table answers_to_send as
select a.*, bucket
from (select distinct pair // 4294967296 as number, bucket from pairs_to_send) join answers a using (number)
