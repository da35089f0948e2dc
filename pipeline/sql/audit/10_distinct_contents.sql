-- grain: one row per distinct content (key)
-- reads: passages
-- makes: texts
-- id: the passage that shows the content (not cut off, first id). copies, documents: how often it occurs, in how many
-- documents.
create or replace temp table texts as
select
    key, arg_min(id, (is_orphan, is_truncated, id)) as id, count(*) as copies,
    count(distinct document_id) as documents, bool_and(is_orphan) as is_orphan
from passages
group by key
