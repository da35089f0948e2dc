-- grain: one row per qa_id, published or new, whose row of qa may differ from the published one
-- reads: occurrences, statistics, leftovers, members, orphans_joined, before.occurrences, before.qa
-- makes: affected, moved, occurrences, statistics, leftovers
-- Sets the qa_id of every occurrence, statistic and orphan answer. A row of qa is affected when an occurrence was added
-- to it, removed from it or parsed again, or when another occurrence or question represents it. Everything else about a
-- row of qa follows from these. moved holds the occurrences whose qa_id changes.
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
