-- The pairs that table duplicates lists. A node is what a pair speaks of: the copies of one content in one row, or an
-- orphan; numbered by prominence: answered ones first, most copies, longest answer, first id.
-- Takes seated, canonical, contents, orphans_seated, related, asked (pairs of questions) and decided (a, b, reviewer,
-- is_same, how: pairs of nodes' content keys that reviewers decided on).
create or replace temp table nodes as
select row_number() over (order by is_orphan, not is_answered, copies desc, length desc, id) as node, n.*
from (
    select arg_min(occurrence_id, (is_truncated, occurrence_id)) as id, content, row, count(*) as copies,
        false as is_orphan, is_answered, if(length > 0, answer_hash, null) as answer_hash,
        if(has_words, question_hash, null) as question_hash, coalesce(length, 0) as length, content_key
    from (
        select s.*, k.content_key from seated s
        join kept.contents k on k.question_hash = s.question_hash and k.answer_hash is not distinct from s.answer_hash
    )
    group by content, row, is_answered, answer_hash, question_hash, has_words, length, content_key
    union all
    select leftover_id, null, row, 1, true, true, o.answer_hash, null, o.length, k.content_key
    from orphans_seated o join kept.orphans k using (leftover_id)
) n;
create or replace temp table answer_groups as
select answer_hash, count(*) as size, min(node) as canonical from nodes where answer_hash is not null group by answer_hash;
create or replace temp table question_groups_of_nodes as
select question_hash, count(*) as size, min(node) as canonical
from nodes where question_hash is not null group by question_hash;
-- Relations laid over the nodes: one, other, the relation's number, and whether there are too many for every pair.
create or replace temp table numbered as
select row_number() over () as relation, r.*, x.size + y.size > getvariable('largest_group') as is_star,
    x.canonical as a_canonical, y.canonical as b_canonical
from related r join answer_groups x on x.answer_hash = a_hash join answer_groups y on y.answer_hash = b_hash;
create or replace temp table lifted as
select x.node as one, y.node as other, relation, false as is_star
from numbered join nodes x on x.answer_hash = a_hash join nodes y on y.answer_hash = b_hash
where not is_star
union all
select x.node, y.node, relation, false
from numbered join nodes x on x.answer_hash = a_hash
join nodes y on y.answer_hash = b_hash and y.question_hash = x.question_hash
where is_star and kind <> 'answer_overlap'
union all
select a_canonical, node, relation, true from numbered join nodes on answer_hash = b_hash where is_star
union all
select node, b_canonical, relation, true from numbered join nodes on answer_hash = a_hash where is_star;
create or replace temp table same_answer as
select x.node as one, y.node as other, false as is_star
from nodes x semi join (from answer_groups where size <= getvariable('largest_group')) using (answer_hash)
join nodes y on y.answer_hash = x.answer_hash and y.node > x.node
union all
select canonical, node, true from answer_groups g join nodes n using (answer_hash)
where size > getvariable('largest_group') and node <> canonical;
create or replace temp table same_question as
select x.node as one, y.node as other, false as is_star
from nodes x semi join (from question_groups_of_nodes where size <= getvariable('largest_group')) using (question_hash)
join nodes y on y.question_hash = x.question_hash and y.node > x.node
where x.is_answered
union all
select canonical, node, true from question_groups_of_nodes g join nodes n using (question_hash)
where size > getvariable('largest_group') and node <> canonical
    and (n.is_answered or canonical in (select node from nodes where is_answered));
-- At most one answer kind for each pair, the first that fits: near ones, one answer, one question, overlaps. `told` is
-- the turn of the kind, whether it is a star's, and the relation, as one number, so that the smallest is the first.
create or replace temp table told as
with every as (
    select least(one, other) as one, greatest(one, other) as other,
        if(kind = 'answer_overlap', 4, 1) as turn, is_star, relation, kind
    from lifted join (select relation, kind from numbered) using (relation)
    union all
    select one, other, 2, is_star, 0, 'same_answer_different_question' from same_answer
    union all
    select one, other, 3, is_star, 0, 'same_question_different_answer' from same_question
),
allowed as (
    from every join nodes x on x.node = one join nodes y on y.node = other
    select one, other, (turn * 2 + is_star::int) * 1000000000000 + relation as told
    where not (x.is_orphan and y.is_orphan)
        and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
)
select one, other, min(told) as told from allowed group by one, other;
create or replace temp table answer_pairs as
with opened as (
    select one, other, told // 1000000000000 // 2 as turn, told // 1000000000000 % 2 = 1 as is_star,
        told % 1000000000000 as relation
    from told
),
described as (
    select o.*, x.id as one_id, y.id as other_id, x.is_orphan or y.is_orphan as has_orphan,
        x.is_answered and y.is_answered as both_answered,
        coalesce(x.question_hash = y.question_hash, false) as same_question,
        coalesce(x.row = y.row, false) as is_one_row,
        n.kind, n.score, n.reason
    from opened o join nodes x on x.node = one join nodes y on y.node = other left join numbered n using (relation)
),
named as (
    select *,
        case when turn = 2 then if(has_orphan, 'orphan_matches_answer', 'same_answer_different_question')
             when turn = 3 then 'same_question_different_answer'
             when has_orphan and kind = 'answer_contained' then 'orphan_matches_answer' else kind end as kind_here
    from described
)
select one, other, one_id, other_id, kind_here as kind, same_question,
    case turn when 2 then if(has_orphan, 1.0, 0.98) when 3 then 0.5 else score end as score,
    case when turn = 2 and has_orphan then 'This text without a question is an answer word for word.'
         when turn = 2 then 'The answers are the same word for word, under two different questions.'
         when turn = 3 and both_answered then 'The same question with two different answers.'
         when turn = 3 then 'The same question, on one side without an answer.'
         when has_orphan and kind = 'answer_contained'
         then 'This text without a question and the answer repeat each other: ' || lower(reason[1]) || reason[2:]
         else reason end
    || if(is_star,
        ' Too many share it to list every pair, so each is paired with the most common one.', '') as reason,
    is_one_row and (
        kind_here in ('near_pair', 'answer_contained') and same_question
        or kind_here = 'same_question_different_answer' and not both_answered
        or kind_here = 'orphan_matches_answer'
    ) as merged
from named;
create or replace temp table question_pairs as
with sized as (
    select a.*, x.size + y.size > getvariable('largest_group') as is_star, x.canonical as a_canonical,
        y.canonical as b_canonical
    from asked a
    join question_groups_of_nodes x on x.question_hash = a_hash join question_groups_of_nodes y on y.question_hash = b_hash
),
laid as (
    select x.node as one, y.node as other, kind, score, reason, false as is_star
    from sized join nodes x on x.question_hash = a_hash join nodes y on y.question_hash = b_hash
    where not is_star
    union
    select a_canonical, node, kind, score, reason, true from sized join nodes on question_hash = b_hash where is_star
    union
    select node, b_canonical, kind, score, reason, true from sized join nodes on question_hash = a_hash where is_star
)
select x.id as one_id, y.id as other_id, kind, score, reason || if(is_star,
    ' Too many share it to list every pair, so each is paired with the most common one.', '') as reason
from laid join nodes x on x.node = one join nodes y on y.node = other;
create or replace temp table copies as
select n.id as one_id, s.occurrence_id as other_id, s.is_answered
from seated s join nodes n on n.content = s.content and n.row = s.row
where s.occurrence_id <> n.id
