-- grain: one row per range of document counts, also ranges without a question
-- reads: occurrences, qa
-- answers: how many documents ask the same question
-- share: of all distinct questions, 0 to 1.
with ranges as (
    select unnest(['1', '2', '3 to 5', '6 to 20', 'more than 20']) as documents, unnest([1, 2, 3, 6, 21]) as least
),
questions as (
    select question_id, count(distinct document_id) as n
    from occurrences join qa using (qa_id) group by question_id
),
counted as (select question_id, max(least) as least from questions join ranges on n >= least group by question_id)
select documents, count(question_id) as questions, count(question_id) / nullif((select count(*) from questions), 0) as share
from ranges left join counted using (least)
group by documents, least
order by least
