-- grain: one row per figure of a question in a snapshot, of pages with snapshots of several dates
-- reads: statistics, occurrences, documents
-- answers: which figures a page quoted at each date
-- measured: what identifies a figure besides its value: kind, unit, period, role, measure and population.
with snapshots as (
    select document_id, source_url as page, fetched_at
    from documents
    where fetched_at is not null
    qualify count(distinct fetched_at) over (partition by source_url) > 1 and source_url is not null
)
select
    page, fetched_at, question_key, (kind, unit, period, role, coalesce(claim, measure), population)::varchar as measured,
    low, high, relation, unit, period, coalesce(claim, measure) as measure,
    arg_min(question, statistic_id) as question, min(statistic_id) as statistic_id,
    min(document_id || '#' || statistic_id) as question_link
from snapshots join occurrences using (document_id) join statistics using (occurrence_id)
group by all
order by page, fetched_at, question_key, measured, low, high, relation
