-- The affected rows of qa as they are now: one for each distinct question and answer. $now is the run's time.
-- Takes members (canonical_occurrence_id, question_id, qa_id), affected, published and links. Texts stay where they are,
-- in occurrences: made_rows holds ids and counts, the view made adds the texts, and no table holds them twice.
create or replace temp table counted as
select qa_id, sum(occurrences)::bigint as occurrence_count, count(*) as document_count
from (
    select qa_id, document_id, count(*) as occurrences from occurrences semi join affected using (qa_id) group by all
)
group by qa_id;
create or replace temp table sure_topics as
select qa_id, list_sort(list(topic)) as topics
from qa_topics semi join affected using (qa_id)
where not needs_review
group by qa_id;
create or replace temp table canonical as
select qa_id, canonical_occurrence_id, question_id, occurrence_count, document_count
from members join counted using (qa_id)
where occurrence_id = canonical_occurrence_id;
drop table counted;
create or replace temp table made_rows as
with seen as (
    select new_id as qa_id, min(first_seen_at) as first_seen_at
    from links join published on qa_id = old_id
    group by new_id
)
select
    qa_id, question_id, canonical_occurrence_id, occurrence_count, document_count, coalesce(topics, []) as topics,
    coalesce(seen.first_seen_at, $now::timestamptz) as first_seen_at, $now::timestamptz as last_seen_at
from canonical
left join sure_topics using (qa_id)
left join seen using (qa_id);
drop table canonical;
drop table sure_topics;
create or replace temp view made as
select m.*, o.question, o.answer, o.is_answered, o.is_truncated, o.document_id, o.ordinal
from occurrences o join made_rows m on m.canonical_occurrence_id = o.occurrence_id;
