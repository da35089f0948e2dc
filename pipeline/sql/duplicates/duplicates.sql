-- Bring table duplicates up to what is told of touched nodes; all other pairs read as they did. Takes touched, tied, told,
-- question_pairs, copies, decided and added. Reviewers' words come before the rules'.
create or replace temp table listed as
with described as (
    select t.*, n.kind, n.score, n.reason, reviewer,
        case when turn = 2 then if(t.has_orphan, 'orphan_matches_answer', 'same_answer_different_question')
             when turn = 3 then 'same_question_different_answer'
             when t.has_orphan and n.kind = 'answer_contained' then 'orphan_matches_answer' else n.kind end as kind_here
    from told t left join tied n on n.tie = t.tie
    left join decided d on d.one_id = t.one_id and d.other_id = t.other_id
),
by_rule as (
    select one_id, other_id, kind_here as kind, same_question,
        case turn when 2 then if(has_orphan, 1.0, 0.98) when 3 then 0.5 else score end as score,
        case when turn = 2 and has_orphan then 'This text without a question is an answer word for word.'
             when turn = 2 then 'The answers are the same word for word, under two different questions.'
             when turn = 3 and both_answered then 'The same question with two different answers.'
             when turn = 3 then 'The same question, on one side without an answer.'
             when has_orphan and kind = 'answer_contained'
             then 'This text without a question and the answer repeat each other: ' || lower(reason[1]) || reason[2:]
             else reason end as reason,
        is_star,
        is_one_row and (
            reviewer is not null
            or kind_here in ('near_pair', 'answer_contained') and same_question
            or kind_here = 'same_question_different_answer' and not both_answered
            or kind_here = 'orphan_matches_answer'
        ) as merged,
        coalesce(reviewer, 'rule') as decided_by
    from described
)
from by_rule
union all
select one_id, other_id, if(has_orphan, 'orphan_matches_answer', 'near_pair'), same_question, 1.0,
    reviewer || ' decided that these say the same' || how || '.', false, is_one_row, reviewer
from added
union all
select one_id, other_id, kind, false, score, reason, is_star, false, 'rule'
from question_pairs
union all
select one_id, other_id, 'exact_pair', true, 1.0,
    if(is_answered, 'The same question and the same answer, word for word.',
        'The same question, both times without an answer.'),
    false, true, 'rule'
from copies;
delete from duplicates where a_id in (from touched) or b_id in (from touched);
insert into duplicates
select one_id as a_id, other_id as b_id, kind, same_question, score,
    reason || if(is_star,
        ' Too many share it to list every pair, so each is paired with the most common one.', '') as reason,
    merged, decided_by
from listed
