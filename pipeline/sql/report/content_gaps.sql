-- grain: one row per question_id with a question mark and without a full answer
-- reads: qa, occurrences, documents
-- answers: which questions does no page answer in full
-- A content gap is unanswered everywhere, or every answer is cut short. Titles without a question mark are none. Unanswered
-- questions first, then the most frequent; question, uri and line are those of the most frequent row of qa.
with questions as (
    select
        question_id, bool_or(qa.is_answered) as is_answered,
        bool_or(qa.is_answered and not qa.is_truncated) as has_full_answer,
        bool_or(qa_id in (select qa_id from occurrences where has_question_mark)) as has_mark,
        sum(occurrence_count)::bigint as occurrences,
        arg_min(qa_id, (-occurrence_count, qa_id)) as qa_id
    from qa group by question_id
)
select
    qa.question, case when questions.is_answered then 'every answer is cut short' else 'it has no answer' end as missing,
    questions.occurrences, uri, line_start as line, qa.qa_id, uri || ':' || line_start as source,
    document_id || '#L' || line_start as source_link
from questions join qa using (qa_id)
join occurrences o on o.occurrence_id = canonical_occurrence_id
join documents using (document_id)
where not has_full_answer and has_mark
order by questions.is_answered, questions.occurrences desc, uri, line
