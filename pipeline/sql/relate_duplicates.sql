-- Table duplicates from answer_pairs, question_pairs and copies. Reviewers' words come before the rules': takes said
-- (a_key, b_key, reviewer, is_same, how). Pairs they called the same and no rule found are added.
create or replace temp table decided as
select least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, arg_min(reviewer, turn) as reviewer,
    arg_min(is_same, turn) as is_same, arg_min(how, turn) as how
from (select *, rowid as turn from said) join nodes x on x.content_key = a_key join nodes y on y.content_key = b_key
where x.id <> y.id
group by least(x.id, y.id), greatest(x.id, y.id);
create or replace temp table listed as
with by_rule as (
    select p.one_id, p.other_id, kind, p.same_question, p.score, p.reason,
        if(reviewer is null, p.merged, coalesce(x.row = y.row, false)) as merged,
        coalesce(reviewer, 'rule') as decided_by
    from answer_pairs p join nodes x on x.node = one join nodes y on y.node = other
    left join decided d
        on d.one_id = least(p.one_id, p.other_id) and d.other_id = greatest(p.one_id, p.other_id)
),
by_reviewer as (
    select d.one_id, d.other_id, if(x.is_orphan or y.is_orphan, 'orphan_matches_answer', 'near_pair'),
        coalesce(x.question_hash = y.question_hash, false), 1.0,
        reviewer || ' decided that these say the same' || how || '.',
        coalesce(x.row = y.row, false), reviewer
    from decided d join nodes x on x.id = d.one_id join nodes y on y.id = d.other_id
    where is_same and (d.one_id, d.other_id) not in (
        select (least(one_id, other_id), greatest(one_id, other_id)) from answer_pairs
    )
)
from by_rule
union all
from by_reviewer
union all
select one_id, other_id, kind, false, score, reason, false, 'rule' from question_pairs
union all
select one_id, other_id, 'exact_pair', true, 1.0,
    if(is_answered, 'The same question and the same answer, word for word.',
        'The same question, both times without an answer.'),
    true, 'rule'
from copies;
delete from duplicates;
insert into duplicates
select least(one_id, other_id) as a_id, greatest(one_id, other_id) as b_id, kind, same_question, score, reason, merged,
    decided_by
from listed
