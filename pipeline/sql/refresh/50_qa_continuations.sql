-- grain: one row per pair of a published row of qa (old_id) and the new row that continues it (new_id)
-- reads: affected, occurrences, before.occurrences
-- makes: links
-- Only affected rows are linked. A row continues under its own id, or where one of its occurrences is now, or, when none
-- of its occurrences is left, where the same document asks the same question (its answer was edited).
create or replace temp table links as
with old as (
    select occurrence_id, document_id, question_key, qa_id from before.occurrences semi join affected using (qa_id)
),
current as (
    select occurrence_id, document_id, question_key, qa_id from occurrences semi join affected using (qa_id)
),
by_id as (
    select distinct qa_id as old_id, qa_id as new_id from old semi join current using (qa_id)
),
by_occurrence as (
    select distinct o.qa_id as old_id, n.qa_id as new_id from old o join current n using (occurrence_id)
),
certain as (select * from by_id union select * from by_occurrence),
by_question as (
    select distinct o.qa_id as old_id, n.qa_id as new_id
    from old o join current n using (document_id, question_key)
    where o.qa_id not in (select old_id from certain) and n.qa_id not in (select new_id from certain)
)
select * from certain union select * from by_question
