-- The pairs with their group and their place in each order a queue can have (`desk.SORTS`): groups first, then the
-- likeliest pair. The order does not depend on decisions, so that nothing moves under a reviewer's hands.
create or replace temp table pairs as
select
    ungrouped.*, grouped."group",
    row_number() over (order by matters desc, "group", score desc, pair) as rank_matters,
    row_number() over (order by texts desc, "group", score desc, pair) as rank_size,
    row_number() over (order by doubt / pairs desc, "group", score desc, pair) as rank_uncertainty,
    row_number() over (order by documents desc, "group", score desc, pair) as rank_spread
from ungrouped join grouped using (pair) join groups using ("group")
