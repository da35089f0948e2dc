-- grain: one row per answer of a bucket, or answer that one of them may contain
-- reads: answers, texts, inner_answers
-- makes: texts_to_compare, boilerplate, answers_to_find, cache.signatures
-- What `duplicates/20_contained_pairs_to_compare.sql` reads; no relation was found before.
create or replace temp view answers_of_bucket as
select answer_hash, length, is_cut, answer_key, answer from answers join texts using (number)
union all
from inner_answers anti join (select answer_hash from answers) using (answer_hash);
insert into cache.signatures by name select answer_hash, length, is_cut from answers_of_bucket;
create or replace temp view texts_to_compare as select answer_hash, answer_key, answer from answers_of_bucket;
create or replace temp table boilerplate (answer_hash ubigint);
create or replace temp table answers_to_find (answer_hash ubigint)
