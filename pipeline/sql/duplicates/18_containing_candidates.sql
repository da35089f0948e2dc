-- grain: one row per answer and other answer that may contain it, where either is new
-- reads: answer_shingles, shingles_of_new_answers, boilerplate, answers_to_find, pairs_of_one_question, cache.signatures,
--        cache.rarest_shingles
-- makes: containing_candidates, answers_to_compare
-- Those that have the rarest shingle of the first answer; only the longest ones, and those that answer the same question,
-- where so many have it that the first answer is boilerplate.
create or replace temp table containing_candidates as
with wanted as (
    from cache.rarest_shingles where answer_hash in (from answers_to_find union all from boilerplate)
),
having_shingle as materialized (
    select answer_hash as outer_hash, shingle
    from answer_shingles semi join wanted using (shingle)
),
in_any as (
    select answer_hash as inner_hash, outer_hash from wanted semi join answers_to_find using (answer_hash)
    join having_shingle using (shingle)
),
in_new as (
    select known.answer_hash as inner_hash, new.answer_hash as outer_hash
    from cache.rarest_shingles known anti join boilerplate using (answer_hash)
    anti join answers_to_find using (answer_hash)
    join shingles_of_new_answers new using (shingle)
),
boilerplate_in_longest as (
    select boilerplate.answer_hash as inner_hash, outer_hash
    from boilerplate join wanted using (answer_hash) join cache.signatures shorter using (answer_hash)
    join having_shingle using (shingle) join cache.signatures longer on longer.answer_hash = outer_hash
    where longer.length > shorter.length
    qualify row_number() over (partition by boilerplate.answer_hash order by longer.length desc, outer_hash)
        <= getvariable('largest_search')
),
boilerplate_of_one_question as (
    select if(a.answer_hash is null, b_hash, a_hash), if(a.answer_hash is null, a_hash, b_hash)
    from pairs_of_one_question
    left join boilerplate a on a.answer_hash = a_hash left join boilerplate b on b.answer_hash = b_hash
    where a.answer_hash is not null or b.answer_hash is not null
)
from in_any union from in_new union from boilerplate_in_longest union from boilerplate_of_one_question;
-- What `19_texts_to_compare.sql` reads.
create or replace temp table answers_to_compare as
select distinct unnest([inner_hash, outer_hash]) as answer_hash from containing_candidates where not getvariable('all_new')
