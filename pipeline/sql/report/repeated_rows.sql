-- grain: one row per row of qa with more than one occurrence, most occurrences first
-- reads: qa, occurrences, documents
-- answers: which questions and answers are repeated, how often, and in which documents and lines
select
    qa.question, qa.answer, occurrence_count as occurrences, document_count as documents,
    list(uri || ':' || line_start order by uri, line_start) as sources, qa_id,
    arg_min(document_id || '#L' || line_start, (uri, line_start)) as question_link
from qa join occurrences using (qa_id) join documents using (document_id)
where occurrence_count > 1
group by qa_id, qa.question, qa.answer, occurrence_count, document_count
order by occurrences desc, qa_id
