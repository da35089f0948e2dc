-- grain: one row per passage of the content $key, in source order
-- reads: passages, occurrences, leftovers, documents
-- answers: where a content occurs, with $around characters of text before and after it
select
    id, uri, source_url, line_start, line_end, qa_id,
    "text"[greatest(1, char_start + 1 - $around) : char_start] as before,
    "text"[char_start + 1 : char_end] as source,
    "text"[char_end + 1 : char_end + $around] as after,
    char_start - $around <= 0 as is_at_start, char_end + $around >= length("text") as is_at_end
from passages
join (
    select occurrence_id as id, char_start, char_end, line_start, line_end from occurrences
    union all
    select leftover_id, char_start, char_end, line_start, line_end from leftovers
) using (id)
join documents using (document_id)
where key = $key
order by uri, line_start
limit $limit offset $offset
