-- What decisions say of each pair they touch: state, reviewer, note, entry (the id of the line that says so).
-- Takes said (a_key, b_key, state, reviewer, note, entry), label (key, number: of those that are one)
-- and apart (one, other: numbers).
create or replace temp table states as
select
    pair, reviewer, note, entry,
    case
        when state in ('same', 'different', 'keep', 'move') then state
        when x.number = y.number then 'implied_same'
        when apart.one is not null then 'implied_different'
        else state
    end as state
from pairs
left join said using (a_key, b_key)
left join label x on x.key = a_key
left join label y on y.key = b_key
left join apart on apart.one = x.number and apart.other = y.number
where state is not null or x.number = y.number or apart.one is not null
