-- grain: one row per thing measured: claim, scope, year, kind, unit, period and role
-- reads: statistics, occurrences, documents, figure_decisions
-- answers: which figures measure the same thing, how many sources give them, and whether these agree
-- figures: each once per row of qa, so copies of an answer do not inflate it. answers, documents, domains: how many
-- rows of qa, documents and sites quote them, copies included. sources: distinct ones; a source is whom the page credits
-- by name, else the site, else the file (records of one file are one source). low and high: the outermost bounds quoted
-- (null = one is open). agreement: single (one figure), several values (different ones of one source), same (equal
-- bounds), overlapping (the sources share a value), disagreeing (they share none; disagreeing_ids says which), or not
-- comparable (reviewers left out all of them). left_out: figures that reviewers decided are not comparable or misread,
-- and with them the same value in the same row of qa; no other column counts them.
-- Nothing is converted; units, currencies, periods, years and scopes are not mixed; findings, anecdotes, thresholds and
-- sizes of sources are separate rows. A figure without a measure has no claim and is a row by itself.
-- A measure without a name of claims.toml is the same in other words ("price of a visa", "a visa costs") where both have
-- the same words, but for those of every price or share, articles and small prepositions. Its claim is the shortest of
-- them. With two kinds of people in it ("patients who trust doctors") the order of the words counts.
with words_of_all as (
    select
        ['of', 'for', 'in', 'at', 'on', 'the', 'a', 'an', 'it', 'we', 'you', 'our', 'your', 'us', 'there', 'to'] as small,
        ['price', 'cost', 'costs', 'fee', 'charge', 'charges', 'rate', 'prices', 'fees'] as of_prices,
        ['share', 'percentage', 'proportion', 'fraction', 'rate', 'number', 'cases', 'case'] as of_shares,
        ['patient', 'doctor', 'nurse', 'insurer', 'member', 'hospital', 'people', 'adult', 'child', 'men', 'women', 'worker',
         'employer', 'physician', 'surgeon', 'plan'] as people
),
own_words as (
    select
        statistic_id,
        list_transform(
            list_filter(
                regexp_extract_all(lower(claim), '[\w][\w''’.-]*'),
                lambda word: not list_contains(small, word)
                    and not list_contains(case when kind = 'money' then of_prices else of_shares end, word)
            ),
            lambda word: regexp_replace(word, '([^su])s$', '\1')
        ) as own_words,
        people
    from statistics cross join words_of_all
    where claim is not null and not is_known_claim
),
same_words as (
    select
        statistic_id,
        case when len(list_intersect(own_words, people)) < 2 then list_sort(list_distinct(own_words)) else own_words end
            as same_words
    from own_words
    where len(own_words) > 0
),
quoted as (
    select
        statistics.*, document_id, site, file,
        regexp_replace(attribution, '^(the|a|an|our|its|dr\.?|mr\.?|mrs\.?|ms\.?|prof\.?|professor)\s+', '', 'i') as credited,
        (coalesce(same_words::varchar, claim, statistic_id), scope, year, kind, unit, period, role) as claim_key
    from statistics left join same_words using (statistic_id)
    join occurrences using (occurrence_id) join documents using (document_id)
),
with_source as (
    -- A name has a capital inside, or is not the first word of its sentence: "the Harlan Institute", not "Researchers".
    select
        *,
        case
            when regexp_matches(credited, '^[A-Z].*[A-Z]') or (regexp_matches(credited, '^[A-Z]') and not starts_with(quote, attribution))
                then lower(credited)
            else coalesce(site, file)
        end as source
    from quoted
),
with_decision as (
    select
        *,
        coalesce(bool_or(decision <> 'comparable') over (partition by qa_id, claim_key, low, high, relation), false)
            as is_left_out
    from with_source left join figure_decisions using (statistic_id)
),
by_source as (
    select
        claim_key, source, min(coalesce(low, '-infinity')) as lowest, max(coalesce(high, 'infinity')) as highest
    from with_decision
    where not is_left_out
    group by claim_key, source
),
sources_of_claim as (
    select claim_key, count(*) as sources, max(lowest) as highest_low, min(highest) as lowest_high
    from by_source
    group by claim_key
),
answers_of_claim as (
    select
        claim_key, count(distinct qa_id) as answers, count(distinct document_id) as documents,
        count(distinct site) as domains
    from with_decision
    where not is_left_out
    group by claim_key
),
distinct_figures as (
    select distinct on (qa_id, claim_key, low, high, relation) *
    from with_decision
    order by qa_id, claim_key, low, high, relation, statistic_id
),
values_of_claim as (
    select
        claim_key, count(*) as figures,
        case when bool_and(low is not null) then min(low) end as low,
        case when bool_and(high is not null) then max(high) end as high,
        case
            when count(*) = 1 then 'single'
            when count(distinct (low, high, relation)) = 1 then 'same'
            when any_value(sources) = 1 then 'several values'
            when any_value(highest_low) <= any_value(lowest_high) then 'overlapping'
            else 'disagreeing'
        end as agreement,
        list(statistic_id order by statistic_id)
            filter (sources > 1 and highest_low > lowest_high and (low > lowest_high or high < highest_low))
            as disagreeing_ids,
        list(distinct measure order by measure) filter (measure is not null) as measures,
        list(distinct population order by population) filter (population is not null) as populations,
        list(distinct attribution order by attribution) filter (attribution is not null) as attributions,
        list(quote order by statistic_id) as quotes,
        list(statistic_id order by statistic_id) as statistic_ids
    from distinct_figures join sources_of_claim using (claim_key)
    where not is_left_out
    group by claim_key
),
claims_by_key as (
    select
        claim_key, min_by(claim, (length(claim), claim)) as claim, any_value(is_known_claim) as is_known, any_value(scope) as scope,
        any_value(year) as year, any_value(kind) as kind, any_value(unit) as unit,
        any_value(period) as period, any_value(role) as role, count(*) filter (is_left_out) as left_out,
        coalesce(list(statistic_id order by statistic_id) filter (is_left_out), []) as left_out_ids
    from distinct_figures
    group by claim_key
)
select
    claim, is_known, scope, year, kind, unit, period, role,
    coalesce(values_of_claim.figures, 0) as figures, coalesce(answers, 0) as answers, coalesce(sources, 0) as sources,
    coalesce(documents, 0) as documents, coalesce(domains, 0) as domains, low, high,
    coalesce(agreement, 'not comparable') as agreement, coalesce(disagreeing_ids, []) as disagreeing_ids,
    coalesce(measures, []) as measures, coalesce(populations, []) as populations,
    coalesce(attributions, []) as attributions, coalesce(quotes, []) as quotes,
    coalesce(statistic_ids, []) as statistic_ids, left_out, left_out_ids
from claims_by_key
left join values_of_claim using (claim_key) left join sources_of_claim using (claim_key)
left join answers_of_claim using (claim_key)
order by is_known desc, role <> 'finding', role, figures desc, claim, scope, year, kind, unit, period, statistic_ids
