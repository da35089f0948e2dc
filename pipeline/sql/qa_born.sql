-- When each row of qa was first published.
select qa_id, first_seen_at from qa
