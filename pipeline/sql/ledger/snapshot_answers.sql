-- grain: one row per question and answer of a snapshot, of pages with snapshots of several dates
-- reads: occurrences, documents
-- answers: what a page said at each date
-- A page is a URL; its snapshots are documents with that URL and the time at which they were fetched.
with snapshots as (
    select document_id, source_url as page, fetched_at
    from documents
    where fetched_at is not null
    qualify count(distinct fetched_at) over (partition by source_url) > 1 and source_url is not null
)
select
    page, fetched_at, question_key, coalesce(answer_key, '') as answer_key,
    arg_min(question, ordinal) as question, arg_min(answer, ordinal) as answer, arg_min(qa_id, ordinal) as qa_id,
    arg_min(document_id || '#L' || line_start, ordinal) as question_link
from snapshots join occurrences using (document_id)
group by page, fetched_at, question_key, answer_key
order by page, fetched_at, question_key, answer_key
