-- grain: one row per pair of answers that may be near copies
-- reads: found_pairs, numbered, question_pairs_to_check, pairs_of_one_question, cache.signatures, cache.relations
-- makes: up_to, comparable_bigrams, bits_of, most_in_common, pairs_to_check, new_candidate_pairs
-- Candidates are pairs that share enough rare bigrams, where either answer is new, and new pairs of one question; without
-- those that cannot be near copies, as they have too few bigrams in common.
create or replace temp macro up_to(bigrams, last) as list_filter(bigrams, lambda bigram: bigram <= last);
-- By how many bigrams both answers can be found, each counted for itself; the smaller number of the two.
create or replace temp macro comparable_bigrams(a, b) as
    if(a[-1] <= b[-1], least(len(a), len(up_to(b, a[-1]))), least(len(b), len(up_to(a, b[-1]))));
-- The bigrams as bits of one number. A bit that only one of two answers has stands for at least one bigram that the other
-- one lacks: so many at least are not in common.
create or replace temp macro bits_of(bigrams) as
    list_aggregate(list_transform(bigrams, lambda bigram: 1::hugeint << (bigram % 127)::integer), 'bit_or');
create or replace temp macro most_in_common(a, a_bits, b, b_bits) as
    least(len(a) - bit_count(a_bits & ~b_bits), len(b) - bit_count(b_bits & ~a_bits));
-- Not those that have been compared word by word. That one is a part of the other may be forgotten (it has become
-- boilerplate, `20_contained_pairs_to_compare.sql`), so such a pair is checked like any other.
create or replace temp table pairs_to_check as
select a_hash, b_hash
from (
    select least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
    from found_pairs join numbered x on x.number = pair // 4294967296 join numbered y on y.number = pair % 4294967296
    union
    from question_pairs_to_check
)
where (a_hash, b_hash) not in (
    select (a_hash, b_hash) from cache.relations where not is_contained and kind <> 'orphan_matches_answer'
);
create or replace temp table new_candidate_pairs as
with involved as materialized (
    select answer_hash, words, bigrams, bits_of(bigrams) as bits from cache.signatures
    where answer_hash in (select a_hash from pairs_to_check union select b_hash from pairs_to_check)
),
sized as (
    select a_hash, b_hash, a.words as a_words, b.words as b_words, a.bigrams as a_bigrams, b.bigrams as b_bigrams,
        most_in_common(a.bigrams, a.bits, b.bigrams, b.bits) as most,
        comparable_bigrams(a.bigrams, b.bigrams) as comparable,
        if(least(a.words, b.words) <= getvariable('short_answer_words'),
            getvariable('smallest_bigram_overlap_if_short'), getvariable('smallest_bigram_overlap')) as needed
    from pairs_to_check join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
)
-- Of the bigrams by which both answers can be found, the share that the two have in common. It is computed where the bits
-- leave room for enough: for 40,000 of 72,000 pairs.
select a_hash, b_hash, a_words, b_words,
    case when most / comparable >= needed then len(list_intersect(a_bigrams, b_bigrams)) / comparable >= needed
        else false end as is_overlapping
from sized
where is_overlapping
    or least(a_words, b_words) <= getvariable('short_answer_words')
    and (a_hash, b_hash) in (from pairs_of_one_question)
