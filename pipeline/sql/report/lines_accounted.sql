-- grain: one row per document
-- reads: documents, occurrences, leftovers
-- answers: how many lines of each document are in occurrences, in leftovers, or blank
-- Every line counts in one column; a line that ends one occurrence and starts the next counts once.
with spans as (
    select document_id, 'occurrence' as part, unnest(generate_series(line_start, line_end)) as line from occurrences
    union
    select document_id, 'leftover', unnest(generate_series(line_start, line_end)) from leftovers
),
owned as (select document_id, line, min(case part when 'occurrence' then 1 else 2 end) as owner from spans group by all)
select
    uri, document_id || '#L1' as uri_link, lines,
    count(*) filter (owner = 1) as in_occurrences,
    count(*) filter (owner = 2) as in_leftovers,
    lines - count(owner) as blank
from documents left join owned using (document_id)
group by document_id, uri, lines
order by uri
