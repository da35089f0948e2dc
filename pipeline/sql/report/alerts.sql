-- grain: one row per alert that applies, the most important first
-- reads: documents, occurrences, rejects
-- answers: what a reader should know before using any number of the ledger
-- count: documents or rejects the alert is about; of: all documents or rejects of that kind. One source makes most of the
-- ledger when over half of all questions are from it; a source is a site, or a file where no site is known.
with sources as (
    select coalesce(site, file) as source, document_id from documents
),
questions as (
    select source, count(*) as questions from occurrences join sources using (document_id) group by source
),
alerts as (
    select 1 as rank, 'rejected input' as alert, count(*) as count, null::bigint as "of",
        coalesce(string_agg(distinct reason, ', ' order by reason), '') as detail
    from rejects
    union all
    select 2, 'uncertain encoding', count(*) filter (not encoding_certain), count(*),
        coalesce(arg_min(uri, uri) filter (not encoding_certain), '')
    from documents
    union all
    select 3, 'not in English: few rules for topics and figures apply', count(*) filter (language <> 'en'), count(*),
        coalesce(string_agg(distinct language, ', ' order by language) filter (language <> 'en'), '')
    from documents
    union all
    select 4, 'columns left out', count(*) filter (len(left_out) > 0), count(*),
        array_to_string(coalesce(list_sort(list_distinct(flatten(list(left_out)))), [])[:12], ', ')
    from documents
    union all
    select 5, 'documents without a question', count(*) filter (not has_question), count(*),
        coalesce(arg_min(uri, uri) filter (not has_question), '')
    from (select uri, document_id in (select document_id from occurrences) as has_question from documents)
    union all
    select 6, 'one source has over half of the questions', max(questions)::bigint, sum(questions)::bigint,
        arg_max(source, questions)
    from questions having count(*) > 1 and max(questions) > sum(questions) / 2
)
select alert, count, "of", detail from alerts where count > 0 order by rank
