-- grain: one row per change of a row of qa in the run $run_id
-- reads: affected_qa, affected_qa_counts, published_affected_qa, qa_continuations
-- makes: changes, summary_of
--   added    a new row that continues no published one
--   removed  a published row that no new row continues
--   merged   a published row that continues in a row with others
--   split    a published row that continues in several rows
--   changed  the same row with other content, or under a new id
-- summary_of gives what a reader sees of a row as JSON, so that a change can be shown and compared. The rows are in no
-- order: to sort those of a first run takes more memory than DuckDB may use, and readers sort what they show.
create or replace temp macro summary_of(
    qa_id, question, answer, is_truncated, topics, occurrence_count, document_count
) as json_object(
    'qa_id', qa_id, 'question', question, 'answer', answer, 'is_truncated', is_truncated, 'topics', topics,
    'occurrence_count', occurrence_count, 'document_count', document_count
)::varchar;
-- By themselves: together with the others they take 460 instead of 340 MB of DuckDB's memory in a first run over 100 MB
-- of text, and do not fit into 120 MB, as they do now.
insert into changes by name
select
    $run_id as run_id, qa_id, 'added' as change, null as before,
    summary_of(qa_id, question, answer, is_truncated, topics, occurrence_count, document_count) as after
from affected_qa where qa_id not in (select new_id from qa_continuations);
insert into changes by name
with continuing as (from affected_qa where qa_id in (select new_id from qa_continuations)),
removed as (select qa_id from published_affected_qa anti join affected_qa_counts using (qa_id)),
counted_continuations as (
    select old_id, new_id,
        count(*) over (partition by old_id) as new_of_old,
        count(*) over (partition by new_id) as old_of_new
    from qa_continuations
),
continued as (
    select removed.qa_id as old_id, new_id, new_of_old, old_of_new
    from removed left join counted_continuations on old_id = removed.qa_id
),
verdicts as (
    select old_id, new_id,
        case when new_id is null then 'removed' when new_of_old > 1 then 'split'
             when old_of_new > 1 then 'merged' else 'changed' end as change
    from continued
    union all
    select old_id, new_id, 'split' from counted_continuations
    where old_id in (select qa_id from affected_qa_counts) and new_id not in (select qa_id from published_affected_qa)
    union all
    select qa_id, qa_id, 'changed' from published_affected_qa old join continuing new using (qa_id)
    where (old.question, old.answer, old.is_truncated, old.topics, old.occurrence_count, old.document_count)
        is distinct from
            (new.question, new.answer, new.is_truncated, new.topics, new.occurrence_count, new.document_count)
),
old as (
    select qa_id, summary_of(qa_id, question, answer, is_truncated, topics, occurrence_count, document_count) as summary
    from published_affected_qa
),
new as (
    select qa_id, summary_of(qa_id, question, answer, is_truncated, topics, occurrence_count, document_count) as summary
    from continuing
)
select
    $run_id as run_id, coalesce(new_id, old_id) as qa_id, change, old.summary as before, new.summary as after
from verdicts
left join old on old.qa_id = old_id
left join new on new.qa_id = new_id
