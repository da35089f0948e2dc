-- Distinct questions by how many documents ask them. share: of all distinct questions, 0 to 1.
-- Every step is there, also without a question.
with steps as (
    select unnest(['1', '2', '3 to 5', '6 to 20', 'more than 20']) as documents, unnest([1, 2, 3, 6, 21]) as least
),
asked as (
    select question_id, count(distinct document_id) as n
    from occurrences join qa using (qa_id) group by question_id
),
placed as (select question_id, max(least) as least from asked join steps on n >= least group by question_id)
select documents, count(question_id) as questions, count(question_id) / nullif((select count(*) from asked), 0) as share
from steps left join placed using (least)
group by documents, least
order by least
