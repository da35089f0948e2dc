-- grain: one row per claim, kind, unit, period and role; one row for each figure without a claim
-- reads: statistics, occurrences, documents
-- answers: which figures measure the same quantity, across documents, and whether they agree
-- figures: each once per row of qa, so copies of an answer do not add to it. answers, documents, domains: how many rows
-- of qa, documents and web domains quote them, copies included. sources: distinct sources, a source being whom the page
-- credits, else its domain, else the document. low and high: the outermost bounds quoted (null = one is open).
-- agreement: single (one figure), same (equal bounds), overlapping, or disagreeing (two figures that share no value);
-- disagreeing_ids lists those. Nothing is converted: units, currencies, periods and roles are never mixed. A figure has
-- no claim when it has no measure, or when its measure exists for every disease (a prevalence) and no question names one.
with quoted as (
    select
        s.*, document_id, uri, nullif(regexp_extract(source_url, '^[a-zA-Z]+://([^/?#]+)', 1), '') as domain,
        (coalesce(claim, statistic_id), kind, unit, period, role) as claim_key
    from statistics s join occurrences using (occurrence_id) join documents using (document_id)
),
totals as (
    select
        claim_key,
        count(distinct qa_id) as answers, count(distinct document_id) as documents, count(distinct domain) as domains,
        count(distinct lower(coalesce(attribution, domain, uri))) as sources,
        max(coalesce(low, '-infinity')) as highest_low, min(coalesce(high, 'infinity')) as lowest_high
    from quoted
    group by claim_key
),
distinct_figures as (
    select distinct on (qa_id, claim_key, low, high, relation) *
    from quoted
    order by qa_id, claim_key, low, high, relation, statistic_id
),
grouped as (
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
    from distinct_figures join totals using (claim_key)
    group by claim_key
)
select *
from grouped
order by is_known desc, role <> 'finding', role, figures desc, claim, kind, unit, period, statistic_ids
