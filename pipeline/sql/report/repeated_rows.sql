-- Rows of qa that stand in more than one place, most repeated first: how often, on how many pages, and where.
select
    qa.question, qa.answer, occurrence_count as occurrences, document_count as documents,
    list(uri || ':' || line_start order by uri, line_start) as places, qa_id
from qa join occurrences using (qa_id) join documents using (document_id)
where occurrence_count > 1
group by qa_id, qa.question, qa.answer, occurrence_count, document_count
order by occurrences desc, qa_id
