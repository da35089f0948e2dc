-- What the pages tell about their findings, each once per row of qa: how many of them say it. share: 0 to 1.
-- A year is a number from 1900 to 2099 in the sentence; a sample is a count that describes the source.
with once as (
    select
        bool_or(attribution is not null) as has_voice, bool_or(citation is not null) as has_citation,
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
told as (
    select unnest(['of whom', 'who says so', 'a reference mark', 'the size of the source', 'a year']) as told,
        unnest([1, 2, 3, 4, 5]) as rank,
        unnest([
            count(*) filter (has_population), count(*) filter (has_voice), count(*) filter (has_citation),
            count(*) filter (has_sample), count(*) filter (has_year)
        ]) as findings,
        count(*) as "of"
    from once
)
select told, findings, "of", findings / nullif("of", 0) as share from told order by rank
