-- grain: one row per answer of a bucket and other answer that may contain it
-- reads: containing_candidates, homes, cache.signatures
-- makes: candidates_to_send
-- In buckets by the answer that is searched for. Without those that are known to be no longer than it; the lengths of
-- the answers to one question are compared later.
create or replace temp view candidates_to_send as
select inner_hash, outer_hash, y.home as outer_home, x.home as bucket
from containing_candidates join homes x on x.answer_hash = inner_hash join homes y on y.answer_hash = outer_hash
left join cache.signatures shorter on shorter.answer_hash = inner_hash
left join cache.signatures longer on longer.answer_hash = outer_hash
where coalesce(longer.length > shorter.length, true)
