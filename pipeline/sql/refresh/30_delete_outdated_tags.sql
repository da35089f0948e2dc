-- grain: one row per tag
-- reads: qa_topics, affected_qa_ids, affected_representatives
-- makes: qa_topics
-- Removes the tags of affected rows of qa whose text is not the published one; new tags are inserted by refresh.tag.
delete from qa_topics
where qa_id in (select qa_id from affected_qa_ids)
    and qa_id not in (select qa_id from affected_representatives where is_published)
