-- grain: one row
-- reads: documents, occurrences, leftovers, qa, rejects
-- answers: how much the documents contain, before and after duplicates are merged
-- All columns are counts. A document is a file or a record in a file; a site is the host of a URL, without www. complete: answered and
-- not cut short; without_mark: questions that end without a question mark, such as titles.
select
    (select count(*) from documents) as documents,
    (select count(distinct file) from documents) as files,
    (select count(distinct site) from documents) as sites,
    (select coalesce(sum(lines), 0)::bigint from documents) as lines,
    count(*) as occurrences,
    count(*) filter (has_question_mark) as with_mark,
    count(*) filter (not has_question_mark) as without_mark,
    count(*) filter (is_answered) as answered,
    count(*) filter (is_answered and not is_truncated) as complete,
    count(*) filter (is_truncated) as truncated,
    count(*) filter (not is_answered) as unanswered,
    (select count(*) from qa) as qa_rows,
    (select count(distinct question_id) from qa) as distinct_questions,
    (select count(*) from leftovers) as leftovers,
    (select count(*) from rejects) as rejects
from occurrences
