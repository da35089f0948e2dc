-- grain: one row per related pair of distinct contents, a_key < b_key
-- reads: duplicates, passages
-- makes: related_contents
-- Exact copies have one content, so they are not a pair. The lists have the relation with the highest score first.
-- is_by_rule: a rule found the pair, not only a reviewer. uncertainty: 1 at score 0.5, 0 at scores 0 and 1.
create or replace temp table related_contents as
with named as (
    select least(x.key, y.key) as a_key, greatest(x.key, y.key) as b_key, kind, score, reason, merged,
        not starts_with(reason, decided_by || ' decided that') as is_by_rule
    from duplicates join passages x on x.id = a_id join passages y on y.id = b_id
    where x.key <> y.key
),
relations as (
    select a_key, b_key, kind, max(score) as score, min(reason) as reason, bool_or(merged) as merged,
        bool_or(is_by_rule) as is_by_rule
    from named group by all
)
select
    row_number() over (order by a_key, b_key) - 1 as pair, a_key, b_key,
    list(kind order by score desc, kind) as kinds, list(reason order by score desc, kind) as reasons,
    list(score order by score desc, kind) as scores, max(score) as score,
    bool_or(merged) as merged, bool_and(is_by_rule) as is_by_rule, max(1 - abs(2 * score - 1)) as uncertainty
from relations
group by a_key, b_key
order by a_key, b_key
