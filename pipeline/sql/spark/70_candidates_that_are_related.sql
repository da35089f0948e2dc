-- grain: one row per pair of answers that was found to be related
-- reads: new_candidate_pairs, cache.relations
-- makes: new_candidate_pairs
-- The driver needs no others.
create or replace temp table new_candidate_pairs as
from new_candidate_pairs semi join cache.relations using (a_hash, b_hash)
