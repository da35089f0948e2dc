-- grain: one row per pair of answers of which the longer contains the shorter, and is new to the other
-- reads: new_answers, shingles_of_new_answers, shared_shingle_frequencies, pairs_of_one_question, answer_texts, cache.signatures,
--        cache.rarest_shingles, cache.boilerplate_answers, cache.relations
-- makes: answers_choosing_again, shingles_to_choose, shared_shingle_frequencies, boilerplate, answers_to_find, containing_candidates,
--        contained_pairs_to_compare, cache.rarest_shingles, cache.boilerplate_answers, cache.relations
-- Which answers are contained whole in longer ones, where either of the two is new. A candidate pair shares the rarest
-- shingle of the shorter answer; then the texts themselves are compared.
-- The chosen shingle may have become frequent since it was chosen: these answers choose again.
create or replace temp table answers_choosing_again as
select answer_hash from cache.rarest_shingles where answers > getvariable('largest_search')
union
select answer_hash from cache.boilerplate_answers semi join cache.signatures using (answer_hash);
create or replace temp view shingles_to_choose as
select answer_hash, cut_shingle, unnest(shingles) as shingle from cache.signatures
where answer_hash in (from answers_choosing_again union select answer_hash from new_answers);
insert into shared_shingle_frequencies
select shingle, count(*)
from (select unnest(shingles) as shingle from cache.signatures)
semi join (
    from shingles_to_choose semi join answers_choosing_again using (answer_hash)
    anti join shared_shingle_frequencies using (shingle)
) using (shingle)
group by shingle having count(*) > 1;
delete from cache.rarest_shingles where answer_hash in (from answers_choosing_again);
-- The hash table of the join is built from the shared shingles. DuckDB would build it from the shingles of all answers,
-- which it estimates as one per answer: on 1 GB of pages that takes 21 s instead of 8.5.
set disabled_optimizers = 'build_side_probe_side';
insert into cache.rarest_shingles
select answer_hash, rarest.shingle, rarest.answers
from (
    select answer_hash, min({
        'is_cut': shingle is not distinct from cut_shingle, 'answers': coalesce(answers, 1), 'shingle': shingle
    }) as rarest
    from shingles_to_choose left join shared_shingle_frequencies using (shingle)
    group by answer_hash
);
reset disabled_optimizers;
create or replace temp table boilerplate as
select answer_hash from cache.rarest_shingles where answers > getvariable('largest_search');
-- New answers, and those that are boilerplate no more: every answer that has their rarest shingle is searched for them.
create or replace temp table answers_to_find as
select answer_hash from new_answers anti join boilerplate using (answer_hash)
union
select answer_hash from cache.boilerplate_answers semi join cache.signatures using (answer_hash)
anti join boilerplate using (answer_hash);
create or replace temp table containing_candidates as
with wanted as (
    from cache.rarest_shingles where answer_hash in (from answers_to_find union all from boilerplate)
),
having_shingle as materialized (
    select answer_hash as outer_hash, shingle
    from (select answer_hash, unnest(shingles) as shingle from cache.signatures)
    semi join wanted using (shingle)
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
select inner_hash, outer_hash, shorter.is_cut, shorter.words as inner_words, longer.words as outer_words
from (from in_any union from in_new union from boilerplate_in_longest union from boilerplate_of_one_question)
join cache.signatures shorter on shorter.answer_hash = inner_hash
join cache.signatures longer on longer.answer_hash = outer_hash
where longer.length > shorter.length;
delete from cache.relations
where is_contained and inner_hash in (
    select answer_hash from boilerplate union all select answer_hash from answers_to_find
);
-- is_half: the shorter answer is contained only if its last word is the beginning of one.
create or replace temp table contained_pairs_to_compare as
select inner_hash, outer_hash, inner_text, outer_text, not is_whole as is_half
from (
    select containing_candidates.*, shorter.answer as inner_text, longer.answer as outer_text,
        contains(' ' || longer.answer_key || ' ', ' ' || shorter.answer_key || ' ') as is_whole,
        is_cut and contains(' ' || longer.answer_key, ' ' || shorter.answer_key) as is_whole_if_cut
    from containing_candidates
    join answer_texts shorter on shorter.answer_hash = inner_hash
    join answer_texts longer on longer.answer_hash = outer_hash
)
where is_whole or is_whole_if_cut;
create or replace table cache.boilerplate_answers as from boilerplate;
drop table containing_candidates
