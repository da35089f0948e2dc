-- One row per group of pairs: texts, where they stand, and the order of what matters:
-- how uncertain the pairs are, in sum, times the logarithms of how often and in how many documents their texts stand.
-- Takes grouped (pair, group).
create or replace temp table groups as
with members as (
    select "group", a_key as key from ungrouped join grouped using (pair)
    union
    select "group", b_key from ungrouped join grouped using (pair)
),
counted as (
    select
        "group", count(distinct key) as texts, count(*) as places, count(distinct document_id) as documents,
        arg_max(key, (texts.copies, texts.key)) as title_key
    from members join places using (key) join texts using (key)
    group by "group"
),
weighed as (
    select "group", count(*) as pairs, sum(uncertainty) as doubt
    from ungrouped join grouped using (pair) group by "group"
)
select *, ln(1 + places) * ln(1 + documents) * (0.1 + doubt) as matters
from counted join weighed using ("group")
