-- For a site's editors: one row for each place of a row of qa that stands in more than one place.
-- action: keep the wording that stands, redirect the others to it; they may be pages of other sites.
with several as (
    select qa_id, question, canonical_occurrence_id from qa where occurrence_count > 1
),
placed as (
    select occurrence_id, o.qa_id, o.question, uri, source_url, line_start, line_end
    from occurrences o join documents using (document_id)
),
canonical as (
    select s.qa_id, uri, source_url, line_start, s.question
    from several s join placed on occurrence_id = canonical_occurrence_id
)
select
    if(occurrence_id = canonical_occurrence_id, 'keep', 'redirect') as action, qa_id,
    p.question, p.uri, p.source_url as url, p.line_start as line,
    c.question as canonical_question, c.uri as canonical_uri, c.source_url as canonical_url,
    c.line_start as canonical_line,
    p.uri = c.uri as is_same_document, occurrence_id
from several join canonical c using (qa_id) join placed p using (qa_id)
order by c.uri, c.line_start, qa_id, action, p.uri, p.line_start
