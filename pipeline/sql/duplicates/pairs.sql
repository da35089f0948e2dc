-- The pairs that have a touched node at one end: told (answers), question_pairs, copies, and added (what reviewers alone
-- say). Takes seated, said, and what `duplicates/nodes.sql` leaves.
create or replace temp table oriented as
select tie, is_question, is_star, kind, a_hash as near, b_hash as far, false as is_back from tied
union all
select tie, is_question, is_star, kind, b_hash, a_hash, true from tied;
create or replace temp table canonical_ones as
select s.is_question, s.hash, s.size, node, is_touched, is_answered, is_orphan from stars s join nodes on node = canonical;
-- One answer kind for a pair comes before another: near ones (turn 1), one answer (2), one question (3), overlaps (4).
create or replace temp table lifted as
select x.node as one, y.node as other, if(kind = 'answer_overlap', 4, 1) as turn, tie, false as is_star
from oriented join nodes x on x.answer_hash = near join nodes y on y.answer_hash = far
where not is_question and not is_star and x.is_touched and not (is_back and y.is_touched)
    and not (x.is_orphan and y.is_orphan) and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
union all
select x.node, y.node, 1, tie, false
from oriented join nodes x on x.answer_hash = near
join nodes y on y.answer_hash = far and y.question_hash = x.question_hash
where not is_question and is_star and kind <> 'answer_overlap' and x.is_touched and not (is_back and y.is_touched)
    and not (x.is_orphan and y.is_orphan) and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
union all
select n.node, c.node, if(kind = 'answer_overlap', 4, 1), tie, true
from oriented o join nodes n on n.answer_hash = near
join canonical_ones c on c.is_question = o.is_question and c.hash = far
where not o.is_question and o.is_star and (n.is_touched or c.is_touched)
    and not (n.is_orphan and c.is_orphan) and (n.is_orphan or c.is_orphan or kind <> 'orphan_matches_answer');
-- Those of small groups are picked out first: whatever the planner joins then, no large group meets itself.
create or replace temp table same_answer as
with few as materialized (
    from nodes where answer_hash in (
        select hash from groups where not is_question and size <= getvariable('largest_group')
    )
)
select x.node as one, y.node as other, false as is_star
from few x join few y using (answer_hash)
where x.is_touched and y.node <> x.node
    and not (y.is_touched and y.node < x.node) and not (x.is_orphan and y.is_orphan)
union all
select c.node, n.node, true
from canonical_ones c join nodes n on n.answer_hash = c.hash
where not is_question and size > getvariable('largest_group') and n.node <> c.node and (n.is_touched or c.is_touched)
    and not (n.is_orphan and c.is_orphan);
create or replace temp table same_question as
with few as materialized (
    from nodes where question_hash in (
        select hash from groups where is_question and size <= getvariable('largest_group')
    )
)
select x.node as one, y.node as other, false as is_star
from few x join few y using (question_hash)
where x.is_touched and y.node <> x.node
    and not (y.is_touched and y.node < x.node) and (x.is_answered or y.is_answered)
union all
select c.node, n.node, true
from canonical_ones c join nodes n on n.question_hash = c.hash
where is_question and size > getvariable('largest_group') and n.node <> c.node and (n.is_touched or c.is_touched)
    and (n.is_answered or c.is_answered);
create or replace temp table decided as
with named_nodes as (
    select content_key, n.* from named_contents join nodes n using (content)
    union all
    select content_key, n.* from named_contents join nodes n on n.id = leftover_id
)
select least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, arg_min(reviewer, turn) as reviewer,
    arg_min(is_same, turn) as is_same, arg_min(how, turn) as how,
    any_value(x.is_orphan or y.is_orphan) as has_orphan,
    any_value(coalesce(x.question_hash = y.question_hash, false)) as same_question,
    any_value(coalesce(x.row = y.row, false)) as is_one_row
from (select *, rowid as turn from said)
join named_nodes x on x.content_key = a_key join named_nodes y on y.content_key = b_key
where x.id <> y.id and (x.is_touched or y.is_touched)
group by least(x.id, y.id), greatest(x.id, y.id);
-- At most one answer kind for each pair, the first that fits. `told` is the turn of the kind, whether it is a star's, and
-- the tie, as one number, so that the smallest is the first.
create or replace temp table first_told as
select least(one, other) as one, greatest(one, other) as other,
    min((turn * 2 + is_star::int) * 1000000000000 + tie) as told
from (
    from lifted
    union all by name
    select one, other, 2 as turn, 0 as tie, is_star from same_answer
    union all by name
    select one, other, 3 as turn, 0 as tie, is_star from same_question
)
group by least(one, other), greatest(one, other);
drop table lifted;
create or replace temp table told as
select told // 1000000000000 // 2 as turn, told // 1000000000000 % 2 = 1 as is_star, told % 1000000000000 as tie,
    least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, x.is_orphan or y.is_orphan as has_orphan,
    x.is_answered and y.is_answered as both_answered, coalesce(x.question_hash = y.question_hash, false) as same_question,
    coalesce(x.row = y.row, false) as is_one_row
from first_told join nodes x on x.node = one join nodes y on y.node = other;
create or replace temp table question_pairs as
with laid as (
    select x.id as one, y.id as other, tie, false as is_star
    from oriented join nodes x on x.question_hash = near join nodes y on y.question_hash = far
    where is_question and not is_star and x.is_touched and not (is_back and y.is_touched)
    union all
    select n.id, s.id, tie, true
    from oriented o join nodes n on n.question_hash = near
    join canonical_ones c on c.is_question = o.is_question and c.hash = far join nodes s on s.node = c.node
    where o.is_question and o.is_star and (n.is_touched or c.is_touched)
)
select distinct least(one, other) as one_id, greatest(one, other) as other_id, kind, score, reason, l.is_star
from laid l join (select tie, kind, score, reason from tied) using (tie);
create or replace temp table copies as
select least(n.id, s.occurrence_id) as one_id, greatest(n.id, s.occurrence_id) as other_id, s.is_answered
from seated s join nodes n on n.content = s.content and n.row = s.row
where n.is_touched and s.occurrence_id <> n.id;
create or replace temp table added as
from decided anti join told using (one_id, other_id) where is_same
