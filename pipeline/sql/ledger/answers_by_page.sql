-- grain: one row per question and answer on one page, by their keys
-- reads: occurrences, documents
-- answers: what a ledger contains, to be compared with another one
-- page: the URL where the source states it, else the uri, so that two snapshots of a page are one page.
select
    question_key, coalesce(answer_key, '') as answer_key, coalesce(source_url, uri) as page,
    arg_min(question, ordinal) as question, arg_min(answer, ordinal) as answer, arg_min(qa_id, ordinal) as qa_id
from occurrences join documents using (document_id)
group by all
order by question_key, answer_key, page
