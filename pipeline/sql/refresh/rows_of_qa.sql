-- Say of every occurrence, figure and orphan answer which row of qa it belongs to. Takes members (occurrence_id,
-- canonical_occurrence_id, question_id, qa_id) and orphans_joined (leftover_id, qa_id).
-- Leaves affected: the qa_id of each row, published or present, that is not what is published: an occurrence came, left
-- or was read again, or another wording or question stands for it. All else about a row follows from these.
create or replace temp table moved as
select occurrence_id, m.qa_id
from occurrences o join members m using (occurrence_id)
where o.qa_id <> m.qa_id;
create or replace temp table affected as
select qa_id from moved
union
select b.qa_id from before.occurrences b join moved using (occurrence_id)
union
select b.qa_id from before.occurrences b anti join occurrences using (occurrence_id)
union
select b.qa_id from before.qa b join members m on m.occurrence_id = b.canonical_occurrence_id
where m.canonical_occurrence_id <> b.canonical_occurrence_id or m.question_id <> b.question_id;
update occurrences set qa_id = m.qa_id from moved m where m.occurrence_id = occurrences.occurrence_id;
update statistics set qa_id = m.qa_id from moved m where m.occurrence_id = statistics.occurrence_id;
update leftovers set qa_id = o.qa_id
from (select l.leftover_id, o.qa_id from leftovers l left join orphans_joined o using (leftover_id)) o
where o.leftover_id = leftovers.leftover_id and o.qa_id is distinct from leftovers.qa_id;
