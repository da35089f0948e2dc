-- grain: one row per pair of table duplicates that has a changed end
-- reads: changed_nodes, group_relations, changed_answer_edges, changed_question_edges, copy_edges, decided_edges, added_edges
-- makes: edges, duplicates
-- Replaces the rows of duplicates that have a changed end; all others stay. A reviewer's decision counts before a rule.
create or replace temp table edges as
with described as (
    select e.*, r.kind, r.score, r.reason, reviewer,
        case when rank = 2 then if(e.has_orphan, 'orphan_matches_answer', 'same_answer_different_question')
             when rank = 3 then 'same_question_different_answer'
             when e.has_orphan and r.kind = 'answer_contained' then 'orphan_matches_answer' else r.kind end as listed_kind
    from changed_answer_edges e left join group_relations r on r.relation = e.relation
    left join decided_edges d on d.one_id = e.one_id and d.other_id = e.other_id
),
by_rule as (
    select one_id, other_id, listed_kind as kind, same_question,
        case rank when 2 then if(has_orphan, 1.0, 0.98) when 3 then 0.5 else score end as score,
        case when rank = 2 and has_orphan then 'This text without a question is an answer word for word.'
             when rank = 2 then 'The answers are the same word for word, under two different questions.'
             when rank = 3 and both_answered then 'The same question with two different answers.'
             when rank = 3 then 'The same question, on one side without an answer.'
             when has_orphan and kind = 'answer_contained'
             then 'This text without a question and the answer repeat each other: ' || lower(reason[1]) || reason[2:]
             else reason end as reason,
        by_representative,
        same_cluster and (
            reviewer is not null
            or listed_kind in ('near_pair', 'answer_contained') and same_question
            or listed_kind = 'same_question_different_answer' and not both_answered
            or listed_kind = 'orphan_matches_answer'
        ) as merged,
        coalesce(reviewer, 'rule') as decided_by
    from described
)
from by_rule
union all
select one_id, other_id, if(has_orphan, 'orphan_matches_answer', 'near_pair'), same_question, 1.0,
    reviewer || ' decided that these say the same' || note || '.', false, same_cluster, reviewer
from added_edges
union all
select one_id, other_id, kind, false, score, reason, by_representative, false, coalesce(reviewer, 'rule')
from changed_question_edges left join decided_edges using (one_id, other_id)
union all
select one_id, other_id, 'exact_pair', true, 1.0,
    if(is_answered, 'The same question and the same answer, word for word.',
        'The same question, both times without an answer.'),
    false, true, 'rule'
from copy_edges;
delete from duplicates where a_id in (from changed_nodes) or b_id in (from changed_nodes);
insert into duplicates
select one_id as a_id, other_id as b_id, kind, same_question, score,
    reason || if(by_representative,
        ' Too many share it to list every pair, so each is paired with the most common one.', '') as reason,
    merged, decided_by
from edges
