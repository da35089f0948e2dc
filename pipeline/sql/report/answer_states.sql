-- grain: one row per state of an answer: complete, cut short, unanswered
-- reads: occurrences
-- answers: how many questions are answered, and how many answers are cut short
-- share: of all occurrences, 0 to 1.
with states as (select unnest(['complete', 'cut short', 'unanswered']) as state, unnest([1, 2, 3]) as rank),
found as (
    select case when not is_answered then 'unanswered' when is_truncated then 'cut short' else 'complete' end as state
    from occurrences
)
select state, count(found.state) as occurrences, count(found.state) / nullif((select count(*) from found), 0) as share
from states left join found using (state)
group by state, rank
order by rank
