-- grain: one row
-- reads: documents, occurrences, leftovers, qa, rejects
-- answers: how much the documents contain, before and after duplicates are merged
-- All columns are counts of rows, lines apart; complete: answered and not cut short.
select
    (select count(*) from documents) as documents,
    (select coalesce(sum(lines), 0)::bigint from documents) as lines,
    count(*) as occurrences,
    count(*) filter (is_answered) as answered,
    count(*) filter (is_answered and not is_truncated) as complete,
    count(*) filter (is_truncated) as truncated,
    count(*) filter (not is_answered) as unanswered,
    (select count(*) from qa) as qa_rows,
    (select count(distinct question_id) from qa) as distinct_questions,
    (select count(*) from leftovers) as leftovers,
    (select count(*) from rejects) as rejects
from occurrences
