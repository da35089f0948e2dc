-- Figures that measure the same thing, across pages: one row per claim, kind, unit, period and role.
-- figures: each once per row of qa, so copies of an answer do not inflate it. answers, documents, domains: how many rows
-- of qa, documents and web domains quote them, copies included. sources: distinct voices, a voice being whom the page
-- credits, or where it credits nobody its domain, or the document. low and high: the outermost bounds quoted (null =
-- one is open). agreement: single (one figure), same (equal bounds), overlapping, or disagreeing (two that share no
-- value); disagreeing_ids says which. Nothing is converted, no unit, currency or period mixed; findings, anecdotes,
-- thresholds and sizes of sources stand apart. A figure without a measure has no claim and stands alone,
-- as does one whose measure every disease has (a prevalence) where no question says of which.
with quoted as (
    select
        s.*, document_id, uri, nullif(regexp_extract(source_url, '^[a-zA-Z]+://([^/?#]+)', 1), '') as domain,
        (coalesce(claim, statistic_id), kind, unit, period, role) as same
    from statistics s join occurrences using (occurrence_id) join documents using (document_id)
),
spread as (
    select
        same,
        count(distinct qa_id) as answers, count(distinct document_id) as documents, count(distinct domain) as domains,
        count(distinct lower(coalesce(attribution, domain, uri))) as sources,
        max(coalesce(low, '-infinity')) as highest_low, min(coalesce(high, 'infinity')) as lowest_high
    from quoted
    group by same
),
once as (
    select distinct on (qa_id, same, low, high, relation) *
    from quoted
    order by qa_id, same, low, high, relation, statistic_id
),
together as (
    select
        any_value(claim) as claim, any_value(is_known_claim) as is_known, any_value(kind) as kind, any_value(unit) as unit,
        any_value(period) as period, any_value(role) as role,
        count(*) as figures, any_value(answers) as answers, any_value(sources) as sources,
        any_value(documents) as documents, any_value(domains) as domains,
        case when bool_and(low is not null) then min(low) end as low,
        case when bool_and(high is not null) then max(high) end as high,
        case
            when count(*) = 1 then 'single'
            when count(distinct (low, high, relation)) = 1 then 'same'
            when any_value(highest_low) <= any_value(lowest_high) then 'overlapping'
            else 'disagreeing'
        end as agreement,
        coalesce(list(statistic_id order by statistic_id) filter (low > lowest_high or high < highest_low), [])
            as disagreeing_ids,
        coalesce(list(distinct measure order by measure) filter (measure is not null), []) as measures,
        coalesce(list(distinct population order by population) filter (population is not null), []) as populations,
        coalesce(list(distinct attribution order by attribution) filter (attribution is not null), []) as attributions,
        list(quote order by statistic_id) as quotes,
        list(statistic_id order by statistic_id) as statistic_ids
    from once join spread using (same)
    group by same
)
select *
from together
order by is_known desc, role <> 'finding', role, figures desc, claim, kind, unit, period, statistic_ids
