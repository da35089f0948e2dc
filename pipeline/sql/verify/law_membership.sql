-- grain: one row per fault
-- reads: occurrences, leftovers, qa, duplicates
-- answers: which rows break law 3
-- Every occurrence belongs to exactly one row of qa; the row counts its occurrences and documents, and has the text of
-- its canonical occurrence.
select 'occurrence without a row of qa' as fault, occurrence_id as id from occurrences anti join qa using (qa_id)
union all
select 'row of qa without an occurrence', qa_id from qa anti join occurrences using (qa_id)
union all
select 'text of another row', qa.qa_id
from qa left join occurrences o on o.occurrence_id = canonical_occurrence_id
where o.qa_id is distinct from qa.qa_id or o.question is distinct from qa.question or o.answer is distinct from qa.answer
union all
select 'count of occurrences', qa_id
from qa join (select qa_id, count(*) as n, count(distinct document_id) as d from occurrences group by qa_id) using (qa_id)
where n <> occurrence_count or d <> document_count
union all
select 'leftover of a missing row', leftover_id
from leftovers anti join qa using (qa_id) where leftovers.qa_id is not null
union all
select 'several rows without a merged pair', o.occurrence_id
from occurrences o join qa using (qa_id)
where occurrence_count > 1 and o.occurrence_id not in (select a_id from duplicates where merged union all select b_id from duplicates where merged)
