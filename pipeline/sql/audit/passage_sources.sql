-- grain: one row per passage of the contents $keys, in source order
-- reads: passages, occurrences, leftovers, documents
-- answers: where contents occur, each $limit times after the first $offset, with $around characters before and after it
with places as (
    select
        id, key, p.document_id, p.qa_id, coalesce(o.char_start, l.char_start) as char_start,
        coalesce(o.char_end, l.char_end) as char_end, coalesce(o.line_start, l.line_start) as line_start,
        coalesce(o.line_end, l.line_end) as line_end
    from passages p left join occurrences o on o.occurrence_id = id left join leftovers l on l.leftover_id = id
    where list_contains($keys, key)
),
shown as (
    select places.*, uri, source_url from places join documents using (document_id)
    qualify row_number() over (partition by key order by uri, line_start) between $offset + 1 and $offset + $limit
)
select
    id, key, shown.uri, shown.source_url, line_start, line_end, qa_id,
    "text"[greatest(1, char_start + 1 - $around) : char_start] as before,
    "text"[char_start + 1 : char_end] as source,
    "text"[char_end + 1 : char_end + $around] as after,
    char_start - $around <= 0 as is_at_start, char_end + $around >= length("text") as is_at_end
from shown join documents using (document_id)
order by shown.uri, line_start
