-- grain: one row per topic, also topics without a row of qa
-- reads: topics, qa_topics, qa
-- answers: how many questions have each topic
-- questions: rows of qa; share: of all rows of qa, 0 to 1, null when there are none; complete: answered and not cut
-- short; to_review: rows whose tag a person should check, which do not count in questions.
with total as (select count(*) as n from qa),
tags as (select qa_id, topic, needs_review, is_answered and not is_truncated as is_complete from qa_topics join qa using (qa_id))
select
    topic, title, required,
    count(qa_id) filter (not needs_review) as questions,
    count(qa_id) filter (not needs_review) / nullif(n, 0) as share,
    count(qa_id) filter (not needs_review and is_complete) as complete,
    count(qa_id) filter (needs_review) as to_review
from topics left join tags using (topic) cross join total
group by topic, title, required, n
order by questions desc, topic
