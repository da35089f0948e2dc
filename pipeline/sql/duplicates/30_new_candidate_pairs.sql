-- grain: one row per pair of answers that may be near copies
-- reads: found_pairs, numbered, question_pairs_to_check, pairs_of_one_question, cache.signatures, cache.relations
-- makes: up_to, comparable_bigrams, bigrams_in_common, pairs_to_check, new_candidate_pairs, answers_to_compare
-- Candidates are pairs that share enough rare bigrams, where either answer is new, and new pairs of one question; without
-- those that cannot be near copies, as they have too few bigrams in common.
create or replace temp macro up_to(bigrams, last) as list_filter(bigrams, lambda bigram: bigram <= last);
-- By how many bigrams both answers can be found, each counted for itself; the smaller number of the two.
create or replace temp macro comparable_bigrams(a, b) as
    if(a[-1] <= b[-1], least(len(a), len(up_to(b, a[-1]))), least(len(b), len(up_to(a, b[-1]))));
-- How many bigrams both have. Of 72,000 pairs of 16 bigrams, the search of one list for each bigram of the other takes
-- 0.02 s, list_intersect 0.16 s; of lists of 1,000 the search takes longer.
create or replace temp macro bigrams_in_common(a, b) as
    if(len(a) * len(b) <= 65536, len(list_filter(a, lambda bigram: list_contains(b, bigram))), len(list_intersect(a, b)));
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
-- Of the bigrams by which both answers can be found, the share that the two have in common. Materialized, for otherwise
-- it is computed once for the condition and once for the column.
create or replace temp table new_candidate_pairs as
with compared as materialized (
    select a_hash, b_hash, a.words as a_words, b.words as b_words,
        least(a.words, b.words) <= getvariable('short_answer_words') as is_short,
        coalesce(bigrams_in_common(a.bigrams, b.bigrams) / comparable_bigrams(a.bigrams, b.bigrams) >= if(is_short,
            getvariable('smallest_bigram_overlap_if_short'), getvariable('smallest_bigram_overlap')), false)
            as is_overlapping
    from pairs_to_check
    join cache.signatures a on a.answer_hash = a_hash join cache.signatures b on b.answer_hash = b_hash
)
select a_hash, b_hash, a_words, b_words, is_overlapping
from compared
where is_overlapping
    or least(a_words, b_words) <= getvariable('short_answer_words_of_one_question')
    and (a_hash, b_hash) in (from pairs_of_one_question);
-- What `19_texts_to_compare.sql` reads.
create or replace temp table answers_to_compare as
select distinct unnest([a_hash, b_hash]) as answer_hash from new_candidate_pairs where not getvariable('all_new')
