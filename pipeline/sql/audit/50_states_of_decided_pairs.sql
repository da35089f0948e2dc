-- grain: one row per pair that a decision affects
-- reads: pairs, verdicts, same_groups, separations
-- makes: states
-- state, reviewer, note, and entry: the id of the line of decisions.jsonl that says so. A pair is implied_same or
-- implied_different when it follows from decisions on other pairs. verdicts (a_key, b_key, state, reviewer, note,
-- entry), same_groups (key, number: contents with one number are the same) and separations (one, other: numbers) are
-- frames of decision_log.py.
create or replace temp table states as
select
    pair, reviewer, note, entry,
    case
        when state in ('same', 'different', 'keep', 'move') then state
        when x.number = y.number then 'implied_same'
        when separations.one is not null then 'implied_different'
        else state
    end as state
from pairs
left join verdicts using (a_key, b_key)
left join same_groups x on x.key = a_key
left join same_groups y on y.key = b_key
left join separations on separations.one = x.number and separations.other = y.number
where state is not null or x.number = y.number or separations.one is not null
