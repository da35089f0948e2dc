-- The affected rows of qa as they are now: one for each distinct question and answer.
-- Takes members (canonical_occurrence_id, question_id, qa_id), affected, published and links; $now is the run's time.
create or replace temp table made as
with counted as (
    select qa_id, count(*) as occurrence_count, count(distinct document_id) as document_count
    from occurrences semi join affected using (qa_id)
    group by qa_id
),
sure_topics as (
    select qa_id, list(topic order by topic) as topics
    from qa_topics semi join affected using (qa_id)
    where not needs_review
    group by qa_id
),
canonical as (
    select distinct canonical_occurrence_id, question_id from members semi join affected using (qa_id)
),
seen as (
    select new_id as qa_id, min(first_seen_at) as first_seen_at
    from links join published on qa_id = old_id
    group by new_id
)
select
    qa_id, question, answer, question_id, canonical_occurrence_id, occurrence_count, document_count,
    is_answered, is_truncated, coalesce(topics, []) as topics,
    coalesce(seen.first_seen_at, $now::timestamptz) as first_seen_at, $now::timestamptz as last_seen_at
from canonical
join occurrences on occurrence_id = canonical_occurrence_id
join counted using (qa_id)
left join sure_topics using (qa_id)
left join seen using (qa_id)
