-- grain: one row per figure of a disputed claim: equal sentences with an equal reading are one
-- reads: disputed_claims, figure_keys, statistics, occurrences, documents
-- makes: disputed_figures
-- rank: the order of the review, by claim, then by value. statistic_id: the first copy, which the page shows; statistic_ids:
-- all of them. site and fetched_at (a day) are of its document.
create or replace temp table disputed_figures as
with listed as (select number, claim as of_claim, unnest(statistic_ids) as statistic_id from disputed_claims),
copies as (
    select number, figure_key, reading_key, min(statistic_id) as statistic_id, list(statistic_id order by statistic_id) as statistic_ids
    from listed join figure_keys using (statistic_id)
    group by number, figure_key, reading_key
)
select
    row_number() over (order by number, low nulls first, high, c.statistic_id) as rank, c.*,
    s.* exclude (statistic_id), o.question, uri, source_url, site,
    strftime(fetched_at, '%Y-%m-%d') as fetched_at
from copies c join statistics s using (statistic_id) join occurrences o using (occurrence_id)
join documents using (document_id)
