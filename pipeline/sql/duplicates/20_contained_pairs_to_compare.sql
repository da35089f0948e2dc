-- grain: one row per pair of answers of which the longer contains the shorter, and is new to the other
-- reads: containing_candidates, boilerplate, answers_to_find, texts_to_compare, cache.signatures, cache.relations
-- makes: contained_pairs_to_compare, cache.boilerplate_answers, cache.relations
-- Which answers are contained whole in longer ones, where either of the two is new. A candidate pair shares the rarest
-- shingle of the shorter answer; then the texts themselves are compared.
delete from cache.relations
where is_contained and inner_hash in (
    select answer_hash from boilerplate union all select answer_hash from answers_to_find
);
-- is_half: the shorter answer is contained only if its last word is the beginning of one.
create or replace temp table contained_pairs_to_compare as
select inner_hash, outer_hash, inner_text, outer_text, not is_whole as is_half
from (
    select inner_hash, outer_hash, shorter.answer as inner_text, longer.answer as outer_text,
        contains(' ' || longer.answer_key || ' ', ' ' || shorter.answer_key || ' ') as is_whole,
        part.is_cut and contains(' ' || longer.answer_key, ' ' || shorter.answer_key) as is_whole_if_cut
    from containing_candidates
    join cache.signatures part on part.answer_hash = inner_hash
    join cache.signatures whole on whole.answer_hash = outer_hash and whole.length > part.length
    join texts_to_compare shorter on shorter.answer_hash = inner_hash
    join texts_to_compare longer on longer.answer_hash = outer_hash
)
where is_whole or is_whole_if_cut;
create or replace table cache.boilerplate_answers as from boilerplate;
drop table containing_candidates
