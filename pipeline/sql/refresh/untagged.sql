-- Take away the tags of affected rows of qa whose wording is not the published one. Takes affected and wordings.
delete from qa_topics
where qa_id in (select qa_id from affected) and qa_id not in (select qa_id from wordings where is_published)
