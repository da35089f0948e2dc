-- grain: one row per detail that a reader needs to judge a finding
-- reads: statistics
-- answers: how many findings name each detail
-- A finding counts once per row of qa. share: 0 to 1. A year is a number from 1900 to 2099 in the sentence; the size of
-- the source is a count with the role source_qualifier in the same sentence.
with findings as (
    select
        bool_or(attribution is not null) as has_attribution, bool_or(citation is not null) as has_citation,
        bool_or(population is not null) as has_population,
        bool_or(regexp_matches(quote, '\b(19|20)\d\d\b')) as has_year,
        bool_or(exists (
            select 1 from statistics other
            where other.occurrence_id = s.occurrence_id and other.quote_char_start = s.quote_char_start
                and other.role = 'source_qualifier'
        )) as has_sample
    from statistics s where role = 'finding'
    group by qa_id, kind, low, high, relation, unit, period, measure
),
details as (
    select unnest(['the population', 'who says so', 'a reference mark', 'the size of the source', 'a year']) as detail,
        unnest([1, 2, 3, 4, 5]) as rank,
        unnest([
            count(*) filter (has_population), count(*) filter (has_attribution), count(*) filter (has_citation),
            count(*) filter (has_sample), count(*) filter (has_year)
        ]) as findings,
        count(*) as "of"
    from findings
)
select detail, findings, "of", findings / nullif("of", 0) as share from details order by rank
