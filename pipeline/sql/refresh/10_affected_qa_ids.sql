-- grain: one row per qa_id, published or new, whose row of qa may differ from the published one
-- reads: occurrences, statistics, leftovers, members, orphans_joined, before.occurrences, before.qa
-- makes: affected_qa_ids, moved_occurrences, occurrences, statistics, leftovers
-- Sets the qa_id of every occurrence, statistic and orphan answer. A row of qa is affected when an occurrence was added
-- to it, removed from it or is not as it was, or when another occurrence or question represents it. Everything else about
-- a row of qa follows from these. moved_occurrences holds the occurrences whose qa_id changes.
create or replace temp table moved_occurrences as
select occurrence_id, members.qa_id
from occurrences join members using (occurrence_id)
where occurrences.qa_id <> members.qa_id;
create or replace temp table affected_qa_ids as
select qa_id from moved_occurrences
union
select qa_id from (select qa_id, hash(occurrence_id, qa_id) as digest from before.occurrences)
anti join (select hash(occurrence_id, qa_id) as digest from members) using (digest)
union
select qa_id from (select qa_id, hash(canonical_occurrence_id, question_id) as digest from before.qa)
anti join (
    select hash(canonical_occurrence_id, question_id) as digest from members where occurrence_id = canonical_occurrence_id
) using (digest);
update occurrences set qa_id = moved.qa_id
from moved_occurrences moved where moved.occurrence_id = occurrences.occurrence_id;
update statistics set qa_id = moved.qa_id
from moved_occurrences moved where moved.occurrence_id = statistics.occurrence_id;
update leftovers set qa_id = joined.qa_id
from (
    select leftover_id, orphans_joined.qa_id from leftovers left join orphans_joined using (leftover_id)
) joined
where joined.leftover_id = leftovers.leftover_id and joined.qa_id is distinct from leftovers.qa_id;
