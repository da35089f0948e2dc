-- grain: one row per pair that a decision affects
-- reads: pairs, verdicts, same_groups, separations
-- makes: states
-- state, reviewer, note, and entry: the id of the line of decisions.jsonl that says so. A pair is implied_same or
-- implied_different when it follows from decisions on other pairs. verdicts (a_key, b_key, state, reviewer, note,
-- entry), same_groups (key, number: contents with one number are the same) and separations (one, other: numbers) are
-- frames of decision_log.py. The pairs are read once: same_groups has every key of verdicts.
create or replace temp table states as
with named as materialized (
    select pair, a_key, b_key, x.number as one, y.number as other
    from pairs join same_groups x on x.key = a_key join same_groups y on y.key = b_key
),
said as (
    select pair, state, reviewer, note, entry from named join verdicts using (a_key, b_key)
),
implied as (
    select pair, if(named.one = named.other, 'implied_same', 'implied_different') as implied
    from named left join separations using (one, other)
    where named.one = named.other or separations.one is not null
)
select
    pair, reviewer, note, entry,
    if(state in ('same', 'different', 'keep', 'move'), state, coalesce(implied, state)) as state
from said full join implied using (pair)
