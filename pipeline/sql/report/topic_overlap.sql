-- grain: one row per pair of topics that occur together on a row of qa, most frequent first
-- reads: qa_topics, topics, qa
-- answers: which topics occur together
-- rows: rows of qa with both; share_of_a, share_of_b: of the rows with the one topic, 0 to 1; lift: how many times more
-- often than if topics were distributed by chance.
with tags as (select qa_id, topic from qa_topics where not needs_review),
sizes as (select topic, title, count(qa_id) as size from tags join topics using (topic) group by all),
pairs as (
    select a.topic as topic_a, b.topic as topic_b, count(*) as shared
    from tags a join tags b using (qa_id) where a.topic < b.topic group by all
)
select
    a.title as topic_a, b.title as topic_b, shared as "rows", shared / a.size as share_of_a, shared / b.size as share_of_b,
    shared * (select count(*) from qa) / (a.size * b.size) as lift
from pairs join sizes a on a.topic = topic_a join sizes b on b.topic = topic_b
order by "rows" desc, topic_a, topic_b
