-- grain: one row per near copy or conflict that was found, and bigram by which the two are a candidate pair
-- reads: new_candidate_pairs, cache.relations, cache.signatures
-- makes: cache.shared_bigrams
insert into cache.shared_bigrams
with found as (
    from new_candidate_pairs
    semi join (from cache.relations where not is_contained and kind <> 'orphan_matches_answer') using (a_hash, b_hash)
    where is_overlapping
),
involved as materialized (
    select answer_hash, words, bigrams from cache.signatures
    where answer_hash in (select a_hash from found union select b_hash from found)
),
shared as materialized (
    select a_hash, b_hash, if(least(a.words, b.words) <= getvariable('short_answer_words'),
            getvariable('shared_bigrams_if_short'), getvariable('shared_bigrams')) as needed,
        unnest(
            list_intersect(a.bigrams[:getvariable('searching_bigrams')], b.bigrams)
                || list_intersect(b.bigrams[:getvariable('searching_bigrams')], a.bigrams)
        ) as bigram
    from found join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
),
frequencies as (
    select bigram, count(*) as answers
    from (select unnest(bigrams) as bigram from cache.signatures) semi join shared using (bigram)
    group by bigram
)
select a_hash, b_hash, needed, bigram, answers from shared join frequencies using (bigram)
