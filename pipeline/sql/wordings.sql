-- The affected rows of qa as they are published; and the wording that stands for each of them now, and whether it is the
-- published one, whose tags hold. Takes members and affected.
create or replace temp table published as select * from before.qa semi join affected using (qa_id);
create or replace temp table wordings as
select m.qa_id, m.canonical_occurrence_id, b.qa_id is not null as is_published
from members m
join occurrences o on o.occurrence_id = m.canonical_occurrence_id
left join published b on b.qa_id = m.qa_id and b.question = o.question and b.answer is not distinct from o.answer
where m.occurrence_id = m.canonical_occurrence_id and m.qa_id in (select qa_id from affected)
