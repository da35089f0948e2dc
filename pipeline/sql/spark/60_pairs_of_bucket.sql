-- grain: one row per pair to check whose second answer is in a bucket
-- reads: answers, texts, first_answers, pairs
-- makes: answers_of_bucket, numbered, texts_to_compare, cache.signatures, pairs_by_hash, found_pairs,
--        question_pairs_to_check, pairs_of_one_question
-- What `duplicates/30_new_candidate_pairs.sql` and `31_pairs_to_compare.sql` read.
create or replace temp table answers_of_bucket as
select number, answer_hash, words, bigrams, answer_key, answer from answers join texts using (number)
union all
from first_answers anti join answers using (number);
create or replace temp table numbered as select number, answer_hash, true as is_new from answers_of_bucket;
create or replace temp view texts_to_compare as select answer_hash, answer_key, answer from answers_of_bucket;
insert into cache.signatures by name select answer_hash, words, bigrams from answers_of_bucket;
create or replace temp table pairs_by_hash as
select p.*, least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
from pairs p join numbered x on x.number = pair // 4294967296 join numbered y on y.number = pair % 4294967296;
create or replace temp table found_pairs as select pair from pairs_by_hash where is_found;
create or replace temp table question_pairs_to_check as select a_hash, b_hash from pairs_by_hash where is_to_check;
create or replace temp table pairs_of_one_question as select a_hash, b_hash from pairs_by_hash where is_of_one_question
