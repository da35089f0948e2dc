-- grain: one row per fault
-- reads: documents, occurrences, leftovers, statistics, qa, qa_topics, topics, duplicates
-- answers: which rows refer to a row that does not exist
with sides as (select occurrence_id as id from occurrences union all select leftover_id from leftovers)
select 'occurrence of a missing document' as fault, occurrence_id as id from occurrences anti join documents using (document_id)
union all
select 'leftover of a missing document', leftover_id from leftovers anti join documents using (document_id)
union all
select 'figure of a missing occurrence', statistic_id from statistics anti join occurrences using (occurrence_id, qa_id)
union all
select 'tag of a missing row', qa_id from qa_topics anti join qa using (qa_id)
union all
select 'tag of a missing topic', qa_id from qa_topics anti join topics using (topic)
union all
select 'pair of a missing occurrence or leftover', a_id from duplicates where a_id not in (from sides) or b_id not in (from sides)
union all
select 'topics differ from its tags', qa_id
from qa left join (
    select qa_id, list(topic order by topic) as tags from qa_topics where not needs_review group by qa_id) using (qa_id)
where qa.topics <> coalesce(tags, [])
