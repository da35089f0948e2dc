-- grain: one row per related pair with at least one side in the row of qa $qa_id, merged pairs first
-- reads: occurrences, leftovers, documents, duplicates
-- answers: what a row of qa is a duplicate of, and why
-- Side a is the one that comes first in the sources.
with members as (
    select occurrence_id as id from occurrences where qa_id = $qa_id
    union all
    select leftover_id from leftovers where qa_id = $qa_id
),
passages as (
    select occurrence_id as id, uri, line_start from occurrences join documents using (document_id)
    union all
    select leftover_id, uri, line_start from leftovers join documents using (document_id)
),
pairs as (
    select d.*, (x.uri, x.line_start) > (y.uri, y.line_start) as is_swapped
    from duplicates d join passages x on x.id = a_id join passages y on y.id = b_id
    where a_id in (from members) or b_id in (from members)
)
select
    a.id as a_id, b.id as b_id, a.uri || ':' || a.line_start as source_a, b.uri || ':' || b.line_start as source_b,
    kind, same_question, score, reason, merged, decided_by
from pairs
join passages a on a.id = if(is_swapped, b_id, a_id)
join passages b on b.id = if(is_swapped, a_id, b_id)
order by not merged, kind, score desc, a.uri, a.line_start, b.uri, b.line_start
