-- grain: one row, the document $document_id
-- reads: documents
-- answers: what does this document say, and where is it from
select uri, source_url, strftime(fetched_at, '%Y-%m-%d') as fetched_at, "text" from documents where document_id = $document_id
