-- grain: one row per document; $now is the time of the run
-- reads: documents, before.documents
-- makes: documents
-- Sets when each document that was read (its times are 1970) was first seen and last changed: a document with the
-- published bytes keeps the published times.
update documents
set first_seen_at = read.first_seen_at, last_changed_at = read.last_changed_at
from (
    select
        document_id, coalesce(b.first_seen_at, $now::timestamptz) as first_seen_at,
        if(b.sha256 = d.sha256, b.last_changed_at, $now::timestamptz) as last_changed_at
    from documents d left join before.documents b using (document_id)
    where d.first_seen_at = 'epoch'::timestamptz
) read
where documents.document_id = read.document_id
