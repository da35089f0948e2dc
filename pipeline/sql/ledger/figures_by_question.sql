-- grain: one row per figure of a question, copies once
-- reads: statistics, occurrences
-- answers: the figures of a ledger, to be compared with another one
-- measured: what identifies a figure besides its value: kind, unit, period, role, measure and population.
select
    question_key, (kind, unit, period, role, coalesce(claim, measure), population)::varchar as measured,
    low, high, relation, unit, period, coalesce(claim, measure) as measure,
    arg_min(question, statistic_id) as question, min(statistic_id) as statistic_id,
    arg_min(quote, statistic_id) as quote
from statistics join occurrences using (occurrence_id)
group by all
order by question_key, measured, low, high, relation
