-- What a run did to qa: one row per row of qa added, changed, removed, merged or split, by change, then id.
-- Takes the frames old_qa, new_qa (qa_id, summary: JSON of what a reader sees of the row) and links (old_id, new_id).
--   removed  an earlier row of which nothing is left        merged  an earlier row that joined another one
--   split    an earlier row whose parts are several now     changed the same row with other content, or under a new id
with gone as (select qa_id, summary from old_qa anti join new_qa using (qa_id)),
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
    where old_id in (select qa_id from new_qa) and new_id not in (select qa_id from old_qa)
    union all
    select null, qa_id, 'added' from new_qa where qa_id not in (select new_id from links)
    union all
    select qa_id, qa_id, 'changed' from new_qa join old_qa using (qa_id) where new_qa.summary <> old_qa.summary
)
select coalesce(new_id, old_id) as qa_id, change, old_qa.summary as before, new_qa.summary as after
from verdicts
left join old_qa on old_qa.qa_id = old_id
left join new_qa on new_qa.qa_id = new_id
order by change, qa_id, before
