-- grain: one row per row of qa
-- reads: qa, affected_qa, affected, documents
-- makes: qa, unchanged
-- Replaces the affected rows of qa that differ from the published ones; all other rows are not written.
create or replace temp table unchanged as
select qa_id from qa q join affected_qa m using (qa_id)
where (q.question, q.answer, q.question_id, q.canonical_occurrence_id, q.occurrence_count, q.document_count,
       q.is_answered, q.is_truncated, q.topics, q.first_seen_at)
    is not distinct from
      (m.question, m.answer, m.question_id, m.canonical_occurrence_id, m.occurrence_count, m.document_count,
       m.is_answered, m.is_truncated, m.topics, m.first_seen_at);
delete from qa where qa_id in (select qa_id from affected anti join unchanged using (qa_id));
insert into qa by name
select affected_qa.* exclude (document_id, ordinal) from affected_qa
anti join unchanged using (qa_id)
join documents using (document_id)
order by uri, ordinal;
