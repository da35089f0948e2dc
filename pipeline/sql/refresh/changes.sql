-- Note what the run $run_id does to qa: one row for each row of qa added, changed, removed, merged or split, by
-- change, then id. Takes made, made_rows and published (the affected rows of qa, now and before) and links
-- (old_id, new_id).
--   removed  an earlier row of which nothing is left        merged  an earlier row that joined another one
--   split    an earlier row whose parts are several now     changed the same row with other content, or under a new id

-- What a reader sees of a row, as JSON, so that a change can be shown and compared.
create or replace temp macro summary_of(
    qa_id, question, answer, is_truncated, topics, occurrence_count, document_count
) as json_object(
    'qa_id', qa_id, 'question', question, 'answer', answer, 'is_truncated', is_truncated, 'topics', topics,
    'occurrence_count', occurrence_count, 'document_count', document_count
)::varchar;
insert into changes by name
with gone as (select qa_id from published anti join made_rows using (qa_id)),
heirs as (
    select old_id, new_id,
        count(*) over (partition by old_id) as heirs_of_old,
        count(*) over (partition by new_id) as forebears_of_new
    from links
),
of_gone as (
    select gone.qa_id as old_id, new_id, heirs_of_old, forebears_of_new
    from gone left join heirs on old_id = gone.qa_id
),
verdicts as (
    select old_id, new_id,
        case when new_id is null then 'removed' when heirs_of_old > 1 then 'split'
             when forebears_of_new > 1 then 'merged' else 'changed' end as change
    from of_gone
    union all
    select old_id, new_id, 'split' from heirs
    where old_id in (select qa_id from made_rows) and new_id not in (select qa_id from published)
    union all
    select null, qa_id, 'added' from made_rows where qa_id not in (select new_id from links)
    union all
    select qa_id, qa_id, 'changed' from made m join published q using (qa_id)
    where (m.question, m.answer, m.is_truncated, m.topics, m.occurrence_count, m.document_count)
        is distinct from (q.question, q.answer, q.is_truncated, q.topics, q.occurrence_count, q.document_count)
),
old as (
    select qa_id, summary_of(qa_id, question, answer, is_truncated, topics, occurrence_count, document_count) as summary
    from published
),
new as (
    select qa_id, summary_of(qa_id, question, answer, is_truncated, topics, occurrence_count, document_count) as summary
    from made
)
select
    $run_id as run_id, coalesce(new_id, old_id) as qa_id, change, old.summary as before, new.summary as after
from verdicts
left join old on old.qa_id = old_id
left join new on new.qa_id = new_id
order by change, qa_id, old.summary
