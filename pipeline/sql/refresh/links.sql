-- Which published row of qa (old_id) lives on in which present one (new_id), of those affected.
-- A row is the same when its id is, lives on where one of its occurrences does, and, when none of them is left,
-- where the same page asks the same question (its answer was edited).
create or replace temp table links as
with old as (
    select occurrence_id, document_id, question_key, qa_id from before.occurrences semi join affected using (qa_id)
),
present as (
    select occurrence_id, document_id, question_key, qa_id from occurrences semi join affected using (qa_id)
),
same_row as (
    select distinct qa_id as old_id, qa_id as new_id from old semi join present using (qa_id)
),
by_occurrence as (
    select distinct o.qa_id as old_id, n.qa_id as new_id from old o join present n using (occurrence_id)
),
certain as (select * from same_row union select * from by_occurrence),
by_place as (
    select distinct o.qa_id as old_id, n.qa_id as new_id
    from old o join present n using (document_id, question_key)
    where o.qa_id not in (select old_id from certain) and n.qa_id not in (select new_id from certain)
)
select * from certain union select * from by_place
