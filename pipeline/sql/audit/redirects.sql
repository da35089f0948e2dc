-- grain: one row per occurrence of a row of qa with several occurrences
-- reads: qa, occurrences, documents
-- answers: which copy of a repeated question and answer to keep (action keep), and which to redirect to it
-- The documents may belong to different sites.
with repeated as (
    select qa_id, question, canonical_occurrence_id from qa where occurrence_count > 1
),
sources as (
    select occurrence_id, o.qa_id, o.question, uri, source_url, line_start, line_end
    from occurrences o join documents using (document_id)
),
canonical as (
    select r.qa_id, uri, source_url, line_start, r.question
    from repeated r join sources on occurrence_id = canonical_occurrence_id
)
select
    if(occurrence_id = canonical_occurrence_id, 'keep', 'redirect') as action, qa_id,
    p.question, p.uri, p.source_url as url, p.line_start as line,
    c.question as canonical_question, c.uri as canonical_uri, c.source_url as canonical_url,
    c.line_start as canonical_line,
    p.uri = c.uri as is_same_document, occurrence_id
from repeated join canonical c using (qa_id) join sources p using (qa_id)
order by c.uri, c.line_start, qa_id, action, p.uri, p.line_start
