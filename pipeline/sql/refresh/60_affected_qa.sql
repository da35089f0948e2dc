-- grain: one row per affected row of qa as it is now; $now is the time of the run
-- reads: members, affected_qa_ids, published_affected_qa, qa_continuations, occurrences, qa_topics
-- makes: affected_qa, affected_qa_counts
-- Texts stay in occurrences, so that no table holds them twice: affected_qa_counts holds all other columns, and the view
-- affected_qa adds the texts. The steps are tables that are dropped early, so that the rows of 1 GB of text fit into
-- DuckDB's memory.
create or replace temp table counts as
select qa_id, sum(occurrences)::bigint as occurrence_count, count(*) as document_count
from (
    select qa_id, document_id, count(*) as occurrences
    from occurrences semi join affected_qa_ids using (qa_id)
    group by all
)
group by qa_id;
create or replace temp table accepted_tags as
select qa_id, list_sort(list(topic)) as topics
from qa_topics semi join affected_qa_ids using (qa_id)
where not needs_review
group by qa_id;
create or replace temp table canonical as
select qa_id, canonical_occurrence_id, question_id, occurrence_count, document_count
from members join counts using (qa_id)
where occurrence_id = canonical_occurrence_id;
drop table counts;
create or replace temp table affected_qa_counts as
with first_seen as (
    select new_id as qa_id, min(first_seen_at) as first_seen_at
    from qa_continuations join published_affected_qa on qa_id = old_id
    group by new_id
)
select
    qa_id, question_id, canonical_occurrence_id, occurrence_count, document_count, coalesce(topics, []) as topics,
    coalesce(first_seen.first_seen_at, $now::timestamptz) as first_seen_at, $now::timestamptz as last_seen_at
from canonical
left join accepted_tags using (qa_id)
left join first_seen using (qa_id);
drop table canonical;
drop table accepted_tags;
create or replace temp view affected_qa as
with canonical as materialized (
    select affected_qa_counts.*, occurrences.rowid as row
    from occurrences join affected_qa_counts on canonical_occurrence_id = occurrence_id
)
select canonical.* exclude (row), question, answer, is_answered, is_truncated
from canonical join occurrences on occurrences.rowid = row;
