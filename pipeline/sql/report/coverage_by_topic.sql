-- One row per topic we know of, also when no question carries it.
-- questions: rows of qa; share: of all rows of qa, 0 to 1, null when there are none (a share of nothing is not zero);
-- complete: of these, answered and not cut short; to_review: tags a person should look at, not counted in questions.
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
