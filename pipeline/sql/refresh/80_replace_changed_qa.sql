-- grain: one row per row of qa
-- reads: qa, affected_qa, affected_qa_ids, published_affected_qa
-- makes: qa, unchanged_qa_ids
-- Replaces the affected rows of qa that differ from the published ones; all other rows are not written. They are
-- inserted in no order, as those of `changes` are.
create or replace temp table unchanged_qa_ids as
select qa_id from published_affected_qa old semi join qa using (qa_id) join affected_qa new using (qa_id)
where (old.question, old.answer, old.question_id, old.canonical_occurrence_id, old.occurrence_count,
       old.document_count, old.is_answered, old.is_truncated, old.topics, old.first_seen_at)
    is not distinct from
      (new.question, new.answer, new.question_id, new.canonical_occurrence_id, new.occurrence_count,
       new.document_count, new.is_answered, new.is_truncated, new.topics, new.first_seen_at);
delete from qa where qa_id in (select qa_id from affected_qa_ids anti join unchanged_qa_ids using (qa_id));
insert into qa by name
from affected_qa anti join unchanged_qa_ids using (qa_id);
