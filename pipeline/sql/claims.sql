-- Figures by what they measure: one row per measure, unit, period and role.
-- A figure counts once per row of qa, so copies of an answer do not inflate it. low and high are the outermost bounds
-- quoted (null = open); is_agreed: all figures give the same bounds. Nothing is converted.
with once as (
    select distinct on (qa_id, kind, unit, period, measure, low, high, relation)
        s.*, document_id
    from statistics s join occurrences using (occurrence_id)
    order by qa_id, kind, unit, period, measure, low, high, relation, statistic_id
)
select
    measure as claim, kind, unit, period, role,
    count(*) as figures, count(distinct document_id) as sources,
    case when bool_and(low is not null) then min(low) end as low,
    case when bool_and(high is not null) then max(high) end as high,
    count(distinct (low, high, relation)) = 1 as is_agreed,
    list(distinct population order by population) filter (population is not null) as populations,
    list(distinct attribution order by attribution) filter (attribution is not null) as attributions,
    list(quote order by statistic_id) as quotes,
    list(statistic_id order by statistic_id) as statistic_ids
from once
group by measure, kind, unit, period, role
order by role, kind, figures desc, claim
