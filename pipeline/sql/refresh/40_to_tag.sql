-- grain: one row per row of qa that has to be tagged
-- reads: affected_representatives, occurrences
-- makes: to_tag
create or replace temp table to_tag as
with representatives as materialized (
    select affected_representatives.qa_id, occurrences.rowid as row
    from affected_representatives join occurrences on occurrence_id = canonical_occurrence_id
    where not is_published
)
select representatives.qa_id, question, answer from representatives join occurrences on occurrences.rowid = row
