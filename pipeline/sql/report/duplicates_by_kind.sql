-- grain: one row per kind of pair in $kinds, also kinds without a pair
-- reads: duplicates
-- answers: how many pairs are related, by kind, and how many of them are merged into one row of qa or decided by people
with kinds as (
    select unnest($kinds::varchar[]) as kind, generate_subscripts($kinds::varchar[], 1) as rank
)
select
    kind, count(a_id) as pairs, count(a_id) filter (merged) as merged,
    count(a_id) filter (not merged) as reported_only,
    count(a_id) filter (decided_by <> 'rule') as decided_by_people
from kinds left join duplicates using (kind)
group by kind, rank
order by rank
