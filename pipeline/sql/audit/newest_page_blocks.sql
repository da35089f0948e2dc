-- grain: one row per occurrence and per orphan answer of the newest snapshot of each page, in source order
-- reads: occurrences, leftovers, documents, qa
-- answers: which questions and answers are on which page of which site
-- A page is a URL; without its scheme, "www.", fragment and last slash it is the page's name. A document without a URL is
-- a page by itself. Of several documents of a page those fetched last count; where no date is known, all of them.
-- share: of the text of the document, 0 to 1. answer_length: characters of the answer key, 0 without an answer; of an
-- orphan answer qa_id is the row whose answer it repeats, else null.
with addresses as (
    select *, regexp_replace(regexp_replace(source_url, '[#].*$', ''), '^[a-zA-Z]+://(www\.)?|/+$', '', 'g') as address
    from documents
),
pages as (
    select
        document_id, uri, source_url as url, length("text") as characters, lower(split_part(address, '/', 1)) as site,
        coalesce(lower(split_part(address, '/', 1)) || substr(address, strpos(address || '/', '/')), uri) as page,
        fetched_at
    from addresses
),
newest as (
    select * from pages
    qualify rank() over (partition by page order by fetched_at desc nulls last) = 1
),
blocks as (
    select
        document_id, occurrence_id, o.qa_id, o.question, line_start, char_start, char_end,
        length(coalesce(answer_key, '')) * o.is_answered::int as answer_length, o.is_truncated,
        occurrence_id = canonical_occurrence_id as is_canonical, false as is_orphan
    from occurrences o join qa using (qa_id)
    union all
    select document_id, null, qa_id, null, line_start, char_start, char_end, 0, false, false, true
    from leftovers where role = 'orphan_answer'
)
select
    page, site, uri, url, line_start as line, occurrence_id, qa_id, question, answer_length, is_truncated, is_canonical,
    is_orphan, (char_end - char_start) / characters as share
from blocks join newest using (document_id)
order by uri, char_start
