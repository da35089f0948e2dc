-- One row per distinct question and answer, in source order of the occurrence whose wording stands in it.
-- Takes occurrences and documents, members (canonical_occurrence_id, question_id), qa_topics,
-- and seen (qa_id, first_seen_at: when an earlier run first published what is now this row).
-- $now is the run's time.
with counted as (
    select qa_id, count(*) as occurrence_count, count(distinct document_id) as document_count
    from occurrences
    group by qa_id
),
sure_topics as (
    select qa_id, list(topic order by topic) as topics from qa_topics where not needs_review group by qa_id
),
canonical as (
    select distinct canonical_occurrence_id, question_id from members
)
select
    qa_id, question, answer, question_id, canonical_occurrence_id, occurrence_count, document_count,
    is_answered, is_truncated, coalesce(topics, []) as topics,
    coalesce(seen.first_seen_at, $now::timestamptz) as first_seen_at, $now::timestamptz as last_seen_at
from canonical
join occurrences on occurrence_id = canonical_occurrence_id
join documents using (document_id)
join counted using (qa_id)
left join sure_topics using (qa_id)
left join seen using (qa_id)
order by uri, ordinal
