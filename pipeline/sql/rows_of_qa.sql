-- Say of every occurrence, figure and orphan answer which row of qa it belongs to.
-- Takes members (occurrence_id, qa_id) and orphans_joined (leftover_id, qa_id).
update occurrences set qa_id = m.qa_id
from members m where m.occurrence_id = occurrences.occurrence_id and m.qa_id <> occurrences.qa_id;
update statistics set qa_id = o.qa_id
from occurrences o where o.occurrence_id = statistics.occurrence_id and o.qa_id <> statistics.qa_id;
update leftovers set qa_id = o.qa_id
from (select l.leftover_id, o.qa_id from leftovers l left join orphans_joined o using (leftover_id)) o
where o.leftover_id = leftovers.leftover_id and o.qa_id is distinct from leftovers.qa_id;
