-- The topics of each row of qa as qa_topics has them, without those that need review.
update qa set topics = coalesce(sure.topics, [])
from qa q
left join (
    select qa_id, list(topic order by topic) as topics from qa_topics where not needs_review group by qa_id
) sure using (qa_id)
where q.qa_id = qa.qa_id
