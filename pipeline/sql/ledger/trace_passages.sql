-- grain: one row per occurrence of the row of qa $qa_id, and per leftover that repeats its answer, in source order
-- reads: occurrences, leftovers, documents, qa
-- answers: the source text of a row of qa
-- is_representative: the row of qa has the question and answer of this occurrence.
select
    'occurrence' as what, occurrence_id as id, uri, source_url, o.line_start, o.line_end, o.char_start, o.char_end,
    "text"[o.char_start + 1 : o.char_end] as source, o.occurrence_id = canonical_occurrence_id as is_representative
from occurrences o join documents using (document_id) join qa using (qa_id)
where qa_id = $qa_id
union all
select
    l.role, leftover_id, uri, source_url, l.line_start, l.line_end, l.char_start, l.char_end, l."text", false
from leftovers l join documents using (document_id)
where l.qa_id = $qa_id
order by uri, line_start
