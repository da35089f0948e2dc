-- Rows that point to a row that is not there.
with places as (select occurrence_id as id from occurrences union all select leftover_id from leftovers)
select 'occurrence of no document' as fault, occurrence_id as id from occurrences anti join documents using (document_id)
union all
select 'leftover of no document', leftover_id from leftovers anti join documents using (document_id)
union all
select 'figure of no occurrence', statistic_id from statistics anti join occurrences using (occurrence_id, qa_id)
union all
select 'tag of no row', qa_id from qa_topics anti join qa using (qa_id)
union all
select 'tag of no topic', qa_id from qa_topics anti join topics using (topic)
union all
select 'pair of no place', a_id from duplicates where a_id not in (from places) or b_id not in (from places)
union all
select 'topics that are not its tags', qa_id
from qa left join (
    select qa_id, list(topic order by topic) as tags from qa_topics where not needs_review group by qa_id) using (qa_id)
where qa.topics <> coalesce(tags, [])
