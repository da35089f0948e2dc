-- Distinct questions that no page answers in full: unanswered everywhere, or every answer is cut short.
-- One row per question_id, by what is missing, then by how often it is asked; question and place are the most frequent
-- wording's.
with asked as (
    select
        question_id, bool_or(qa.is_answered) as is_answered,
        bool_or(qa.is_answered and not qa.is_truncated) as has_full_answer,
        sum(occurrence_count)::bigint as occurrences,
        arg_min(qa_id, (-occurrence_count, qa_id)) as qa_id
    from qa group by question_id
)
select
    qa.question, case when asked.is_answered then 'every answer is cut short' else 'nobody answers it' end as missing,
    asked.occurrences, uri, line_start as line, qa.qa_id
from asked join qa using (qa_id)
join occurrences o on o.occurrence_id = canonical_occurrence_id
join documents using (document_id)
where not has_full_answer
order by asked.is_answered, asked.occurrences desc, uri, line
