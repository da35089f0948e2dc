-- grain: one row per relation between two groups of nodes
-- reads: nodes, answer_relations, question_relations
-- makes: groups, group_relations, groups_with_representative, group_digests
-- A group is all nodes with one answer, or all nodes with one question. Two groups are related when their texts are.
-- is_large: the two together have too many members to list every pair.
create or replace temp table groups as
select is_question, hash, count(*) as size
from (
    select false as is_question, answer_hash as hash from nodes where answer_hash is not null
    union all
    select true, question_hash from nodes where question_hash is not null
)
group by is_question, hash;
create or replace temp table group_relations as
select row_number() over () as relation, r.*, x.size + y.size > getvariable('largest_group') as is_large
from (
    select false as is_question, a_hash, b_hash, kind, score, reason from answer_relations
    union all
    select true, a_hash, b_hash, kind, score, reason from question_relations
) r
join groups x on x.is_question = r.is_question and x.hash = a_hash
join groups y on y.is_question = r.is_question and y.hash = b_hash;
-- The representative of a large group, with which its other members are paired: answered, most copies, the longest
-- answer, the first id.
create or replace temp table groups_with_representative as
with large as (
    select is_question, hash from groups where size > getvariable('largest_group')
    union
    select is_question, unnest([a_hash, b_hash]) from group_relations where is_large
)
select is_question, hash, any_value(size) as size,
    arg_min(node, (is_orphan, not is_answered, -copies, -length, id)) as representative
from groups semi join large using (is_question, hash)
join nodes on hash = if(is_question, question_hash, answer_hash)
group by is_question, hash;
-- A digest of everything that pairs say about a relation, and about a group that has a representative.
create or replace temp table group_digests as
with represented as (
    select is_question, hash, size, id from groups_with_representative join nodes on node = representative
)
select r.is_question, a_hash as hash,
    hash(r.is_question, a_hash, b_hash, kind, score, reason, is_large, x.id, y.id) as digest
from group_relations r
left join represented x on is_large and x.is_question = r.is_question and x.hash = a_hash
left join represented y on is_large and y.is_question = r.is_question and y.hash = b_hash
union all
select is_question, hash, hash(is_question, hash, id) from represented where size > getvariable('largest_group')
