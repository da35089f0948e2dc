-- grain: one row per pair of a published row of qa (old_id) and the new row that continues it (new_id)
-- reads: affected_qa_ids, published_affected_qa, occurrences, before.occurrences
-- makes: qa_continuations
-- Only affected rows are linked. A row continues under its own id, or where one of its occurrences is now, or, when none
-- of its occurrences is left, where the same document asks the same question (its answer was edited).
create or replace temp table qa_continuations as
with old as (
    select occurrence_id, document_id, question_key, qa_id
    from before.occurrences semi join published_affected_qa using (qa_id)
),
current as (
    select occurrence_id, document_id, question_key, qa_id
    from occurrences semi join affected_qa_ids using (qa_id)
),
by_id as (
    select distinct qa_id as old_id, qa_id as new_id from old semi join current using (qa_id)
),
by_occurrence as (
    select distinct old.qa_id as old_id, current.qa_id as new_id from old join current using (occurrence_id)
),
certain as (select * from by_id union select * from by_occurrence),
by_question as (
    select distinct old.qa_id as old_id, current.qa_id as new_id
    from old join current using (document_id, question_key)
    where old.qa_id not in (select old_id from certain) and current.qa_id not in (select new_id from certain)
)
select * from certain union select * from by_question
