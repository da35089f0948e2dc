-- One row per pair of contents that anything relates, a_key < b_key; the likeliest relation first in the lists.
-- is_by_rule: a rule has found it, not only a reviewer. uncertainty: 1 at score 0.5, 0 at 0 and 1. Exact copies are one content, so no pair.
create or replace temp table ungrouped as
with named as (
    select least(x.key, y.key) as a_key, greatest(x.key, y.key) as b_key, kind, score, reason, merged,
        not starts_with(reason, decided_by || ' decided that') as is_by_rule
    from duplicates join places x on x.id = a_id join places y on y.id = b_id
    where x.key <> y.key
),
once as (
    select a_key, b_key, kind, max(score) as score, min(reason) as reason, bool_or(merged) as merged,
        bool_or(is_by_rule) as is_by_rule
    from named group by all
)
select
    row_number() over (order by a_key, b_key) - 1 as pair, a_key, b_key,
    list(kind order by score desc, kind) as kinds, list(reason order by score desc, kind) as reasons,
    list(score order by score desc, kind) as scores, max(score) as score,
    bool_or(merged) as merged, bool_and(is_by_rule) as is_by_rule, max(1 - abs(2 * score - 1)) as uncertainty
from once
group by a_key, b_key
order by a_key, b_key
