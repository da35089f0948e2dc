-- The affected rows of qa as they are published; and the wording that stands for each of them now, and whether it is the
-- published one, whose tags hold. Takes members and affected.
create or replace temp table published as select * from before.qa semi join affected using (qa_id);
create or replace temp table wordings as
with standing as (
    select qa_id, canonical_occurrence_id from members semi join affected using (qa_id)
    where occurrence_id = canonical_occurrence_id
),
as_published as (
    select qa_id
    from published b
    join standing using (qa_id)
    join occurrences o on o.occurrence_id = standing.canonical_occurrence_id
    where o.question = b.question and o.answer is not distinct from b.answer
)
select qa_id, canonical_occurrence_id, qa_id in (select qa_id from as_published) as is_published from standing
