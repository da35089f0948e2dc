-- grain: one row per row of qa
-- reads: qa, qa_topics
-- makes: qa
-- Sets the topics of every row of qa, after only the taxonomy changed; tags that need review are left out.
update qa set topics = coalesce(accepted.topics, [])
from qa tagged
left join (
    select qa_id, list(topic order by topic) as topics from qa_topics where not needs_review group by qa_id
) accepted using (qa_id)
where tagged.qa_id = qa.qa_id
