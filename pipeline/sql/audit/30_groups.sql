-- grain: one row per group of pairs
-- reads: related_contents, pair_groups, passages, texts
-- makes: groups
-- importance: the sum of the uncertainty of its pairs, times the logarithms of the numbers of passages and documents.
-- pair_groups (pair, "group") is a frame of review_queue.py.
create or replace temp table groups as
with members as (
    select "group", a_key as key from related_contents join pair_groups using (pair)
    union
    select "group", b_key from related_contents join pair_groups using (pair)
),
sizes as (
    select
        "group", count(distinct key) as texts, count(*) as passages, count(distinct document_id) as documents,
        arg_max(key, (texts.copies, texts.key)) as title_key
    from members join passages using (key) join texts using (key)
    group by "group"
),
totals as (
    select "group", count(*) as pairs, sum(uncertainty) as uncertainty
    from related_contents join pair_groups using (pair) group by "group"
)
select *, ln(1 + passages) * ln(1 + documents) * (0.1 + uncertainty) as importance
from sizes join totals using ("group")
