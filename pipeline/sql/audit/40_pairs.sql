-- grain: one row per related pair of distinct contents, a_key < b_key
-- reads: related_contents, pair_groups, groups
-- makes: pairs
-- The pairs with their group and their rank in each order of the queue (`filters.SORTS`): first by group, then by score.
-- The order does not depend on decisions, so it does not change while people review.
create or replace temp table pairs as
select
    related_contents.*, pair_groups."group",
    row_number() over (order by importance desc, "group", score desc, pair) as rank_importance,
    row_number() over (order by texts desc, "group", score desc, pair) as rank_size,
    row_number() over (order by groups.uncertainty / pairs desc, "group", score desc, pair) as rank_uncertainty,
    row_number() over (order by documents desc, "group", score desc, pair) as rank_documents
from related_contents join pair_groups using (pair) join groups using ("group")
