-- Bring qa up to the rows made, leaving alone those that are the same.
delete from qa where qa_id not in (
    select qa_id from qa q join made m using (qa_id)
    where (q.question, q.answer, q.question_id, q.canonical_occurrence_id, q.occurrence_count, q.document_count,
           q.is_answered, q.is_truncated, q.topics, q.first_seen_at)
        is not distinct from
          (m.question, m.answer, m.question_id, m.canonical_occurrence_id, m.occurrence_count, m.document_count,
           m.is_answered, m.is_truncated, m.topics, m.first_seen_at)
);
insert into qa by name
select made.* from made
join occurrences on occurrence_id = canonical_occurrence_id
join documents using (document_id)
where made.qa_id not in (select qa_id from qa)
order by uri, ordinal;
update qa set last_seen_at = (select max(last_seen_at) from made);
