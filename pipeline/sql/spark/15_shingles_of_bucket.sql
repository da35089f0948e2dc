-- grain: one row per shared shingle of a bucket and answer
-- reads: shared_shingles, wanted, boilerplate_pairs
-- makes: answer_shingles, shingles_of_new_answers, homes, boilerplate, answers_to_find, pairs_of_one_question,
--        cache.signatures, cache.rarest_shingles
-- What `duplicates/18_containing_candidates.sql` reads, where every answer is new, so that each is searched for.
create or replace temp view answer_shingles as select answer_hash, shingle from shared_shingles;
create or replace temp view shingles_of_new_answers as from answer_shingles limit 0;
insert into cache.rarest_shingles by name select answer_hash, shingle, answers from wanted;
insert into cache.signatures by name
select distinct answer_hash, length
from (select answer_hash, length from shared_shingles union all select answer_hash, length from wanted);
create or replace temp table boilerplate as
select answer_hash from wanted where answers > getvariable('largest_search')
union
select answer_hash from boilerplate_pairs;
create or replace temp table answers_to_find as
select answer_hash from wanted where answers <= getvariable('largest_search');
create or replace temp view pairs_of_one_question as select distinct a_hash, b_hash from boilerplate_pairs;
create or replace temp table homes as
select distinct answer_hash, home
from (
    select answer_hash, home from shared_shingles
    union all
    select answer_hash, home from wanted
    union all
    select answer_hash, home from boilerplate_pairs
    union all
    select if(answer_hash = a_hash, b_hash, a_hash), other_home from boilerplate_pairs
)
