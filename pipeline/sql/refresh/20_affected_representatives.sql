-- grain: one row per affected row of qa, with the occurrence that represents it
-- reads: members, affected_qa_ids, occurrences, before.qa
-- makes: published_affected_qa, affected_representatives
-- is_published: the published row has the same question and answer, so its tags are still right.
-- published_affected_qa holds the affected rows as they are published.
create or replace temp table published_affected_qa as
with published as materialized (from affected_qa_ids semi join before.qa using (qa_id))
select * from before.qa semi join published using (qa_id);
create or replace temp table affected_representatives as
with current as (
    select qa_id, canonical_occurrence_id from members semi join affected_qa_ids using (qa_id)
    where occurrence_id = canonical_occurrence_id
),
same_text as (
    select qa_id
    from published_affected_qa published
    join current using (qa_id)
    join occurrences on occurrence_id = current.canonical_occurrence_id
    where occurrences.question = published.question and occurrences.answer is not distinct from published.answer
)
select qa_id, canonical_occurrence_id, qa_id in (select qa_id from same_text) as is_published from current
