-- grain: one row per pair of nodes that is listed under an answer kind and has a changed end
-- reads: nodes, groups, group_relations, groups_with_representative
-- makes: directed_relations, representatives_of_groups, related_edges, same_answer_edges, same_question_edges,
--        first_kinds, changed_answer_edges
-- At most one answer kind for each pair, the first that fits. rank: 1 related answers, 2 one answer, 3 one question,
-- 4 overlaps. by_representative: one end is the representative of a group too large to list every pair. Near copies whose
-- questions name different things are two facts; at most they overlap.
create or replace temp macro may_be_listed(kind, names, other_names) as
    kind not in ('near_pair', 'near_conflict') or coalesce(list_has_any(names, other_names), true);
create or replace temp table directed_relations as
select relation, is_question, is_large, kind, a_hash as near, b_hash as far, false as is_reverse from group_relations
union all
select relation, is_question, is_large, kind, b_hash, a_hash, true from group_relations;
create or replace temp table representatives_of_groups as
select is_question, hash, size, node, names, is_changed, is_answered, is_orphan
from groups_with_representative join nodes on node = representative;
create or replace temp table related_edges as
select x.node as one, y.node as other, if(kind = 'answer_overlap', 4, 1) as rank, relation, false as by_representative
from directed_relations join nodes x on x.answer_hash = near join nodes y on y.answer_hash = far
where not is_question and not is_large and x.is_changed and not (is_reverse and y.is_changed)
    and not (x.is_orphan and y.is_orphan) and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
    and may_be_listed(kind, x.names, y.names)
union all
select x.node, y.node, 1, relation, false
from directed_relations join nodes x on x.answer_hash = near
join nodes y on y.answer_hash = far and y.question_hash = x.question_hash
where not is_question and is_large and kind <> 'answer_overlap' and x.is_changed and not (is_reverse and y.is_changed)
    and not (x.is_orphan and y.is_orphan) and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
union all
select member.node, representative.node, if(kind = 'answer_overlap', 4, 1), relation, true
from directed_relations related join nodes member on member.answer_hash = near
join representatives_of_groups representative
    on representative.is_question = related.is_question and representative.hash = far
where not related.is_question and is_large and (member.is_changed or representative.is_changed)
    and not (member.is_orphan and representative.is_orphan)
    and (member.is_orphan or representative.is_orphan or kind <> 'orphan_matches_answer')
    and may_be_listed(kind, member.names, representative.names);
-- The nodes of small groups with a changed node are selected first: then no plan joins a large group with itself.
create or replace temp table same_answer_edges as
with in_small_group as materialized (
    from nodes where answer_hash in (
        select hash from groups where not is_question and size <= getvariable('largest_group')
    ) and answer_hash in (select answer_hash from nodes where is_changed)
)
select x.node as one, y.node as other, false as by_representative
from in_small_group x join in_small_group y using (answer_hash)
where x.is_changed and y.node <> x.node
    and not (y.is_changed and y.node < x.node) and not (x.is_orphan and y.is_orphan)
union all
select representative.node, member.node, true
from representatives_of_groups representative join nodes member on member.answer_hash = representative.hash
where not is_question and size > getvariable('largest_group') and member.node <> representative.node
    and (member.is_changed or representative.is_changed) and not (member.is_orphan and representative.is_orphan);
create or replace temp table same_question_edges as
with in_small_group as materialized (
    from nodes where question_hash in (
        select hash from groups where is_question and size <= getvariable('largest_group')
    ) and question_hash in (select question_hash from nodes where is_changed)
)
select x.node as one, y.node as other, false as by_representative
from in_small_group x join in_small_group y using (question_hash)
where x.is_changed and y.node <> x.node
    and not (y.is_changed and y.node < x.node) and (x.is_answered or y.is_answered)
union all
select representative.node, member.node, true
from representatives_of_groups representative join nodes member on member.question_hash = representative.hash
where is_question and size > getvariable('largest_group') and member.node <> representative.node
    and (member.is_changed or representative.is_changed) and (member.is_answered or representative.is_answered);
-- rank, by_representative and relation as one number, so that the smallest is the first.
create or replace temp table first_kinds as
select least(one, other) as one, greatest(one, other) as other,
    min((rank * 2 + by_representative::int) * 1000000000000 + relation) as code
from (
    from related_edges
    union all by name
    select one, other, 2 as rank, 0 as relation, by_representative from same_answer_edges
    union all by name
    select one, other, 3 as rank, 0 as relation, by_representative from same_question_edges
)
group by least(one, other), greatest(one, other);
drop table related_edges;
create or replace temp table changed_answer_edges as
select code // 1000000000000 // 2 as rank, code // 1000000000000 % 2 = 1 as by_representative,
    code % 1000000000000 as relation,
    least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, x.is_orphan or y.is_orphan as has_orphan,
    x.is_answered and y.is_answered as both_answered, coalesce(x.question_hash = y.question_hash, false) as same_question,
    coalesce(x.cluster = y.cluster, false) as same_cluster
from first_kinds join nodes x on x.node = one join nodes y on y.node = other
