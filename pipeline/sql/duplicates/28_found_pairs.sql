-- grain: one row per pair of answers that shares enough blocking keys
-- reads: pairs_by_bigram
-- makes: found_pairs
create or replace temp table found_pairs as
select pair
from (select pair, sum(shared) as shared from pairs_by_bigram group by pair)
where shared >= getvariable('shared_bigrams')
    or pair // 4294967296 < getvariable('short_answers') and shared >= getvariable('shared_bigrams_if_short')
