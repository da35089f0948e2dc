-- grain: one row per content of $keys, the most frequent first
-- reads: texts, occurrences, leftovers, qa, documents
-- answers: the question and answer of these contents
-- is_representative: a row of qa has this text. uri, site and fetched_at (a day) are of the passage that shows the content.
select
    key, id, copies, texts.documents, is_orphan, coalesce(o.qa_id, l.qa_id) as qa_id, question,
    if(is_orphan, l."text", answer) as answer, coalesce(o.is_truncated, false) as is_truncated,
    coalesce(truncation_kinds, []) as truncation_kinds, coalesce(is_answered, true) as is_answered,
    id in (select canonical_occurrence_id from qa) as is_representative, uri, site,
    strftime(fetched_at, '%Y-%m-%d') as fetched_at
from texts left join occurrences o on o.occurrence_id = id left join leftovers l on l.leftover_id = id
join documents on documents.document_id = coalesce(o.document_id, l.document_id)
where list_contains($keys, key)
order by copies desc, key
