-- grain: one row per affected row of qa as it is now; $now is the time of the run
-- reads: members, affected, published_affected_qa, links, occurrences, qa_topics
-- makes: affected_qa, affected_qa_counts
-- Texts stay in occurrences, so that no table holds them twice: affected_qa_counts holds ids and counts, the view affected_qa adds
-- the texts. The steps are tables that are dropped early, so that the rows of 1 GB of text fit into DuckDB's memory.
create or replace temp table counts as
select qa_id, sum(occurrences)::bigint as occurrence_count, count(*) as document_count
from (
    select qa_id, document_id, count(*) as occurrences from occurrences semi join affected using (qa_id) group by all
)
group by qa_id;
create or replace temp table accepted_tags as
select qa_id, list_sort(list(topic)) as topics
from qa_topics semi join affected using (qa_id)
where not needs_review
group by qa_id;
create or replace temp table canonical as
select qa_id, canonical_occurrence_id, question_id, occurrence_count, document_count
from members join counts using (qa_id)
where occurrence_id = canonical_occurrence_id;
drop table counts;
create or replace temp table affected_qa_counts as
with seen as (
    select new_id as qa_id, min(first_seen_at) as first_seen_at
    from links join published_affected_qa on qa_id = old_id
    group by new_id
)
select
    qa_id, question_id, canonical_occurrence_id, occurrence_count, document_count, coalesce(topics, []) as topics,
    coalesce(seen.first_seen_at, $now::timestamptz) as first_seen_at, $now::timestamptz as last_seen_at
from canonical
left join accepted_tags using (qa_id)
left join seen using (qa_id);
drop table canonical;
drop table accepted_tags;
create or replace temp view affected_qa as
select c.*, o.question, o.answer, o.is_answered, o.is_truncated, o.document_id, o.ordinal
from occurrences o join affected_qa_counts c on c.canonical_occurrence_id = o.occurrence_id;
