-- grain: one row
-- reads: documents, occurrences, leftovers
-- answers: how many lines the documents have, and how many of them are in an occurrence or a leftover
-- A line that ends one occurrence and starts the next counts once.
with spans as (
    select document_id, line_start, line_end from occurrences
    union all
    select document_id, line_start, line_end from leftovers
),
followed as (
    select line_end - line_start + 1 as lines,
        line_start <= lag(line_end) over (partition by document_id order by line_start, line_end) as is_shared
    from spans
)
select
    (select coalesce(sum(lines), 0)::bigint from documents) as lines,
    coalesce(sum(lines) - count(*) filter (is_shared), 0)::bigint as kept
from followed
