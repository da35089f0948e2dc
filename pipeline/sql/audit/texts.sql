-- One row per content: the place that shows it (not cut off, first id), and how often it stands in how many documents.
create or replace temp table texts as
select
    key, arg_min(id, (is_orphan, is_truncated, id)) as id, count(*) as copies,
    count(distinct document_id) as documents, bool_and(is_orphan) as is_orphan
from places
group by key
