-- grain: one row per pair of nodes, or of a node and a copy, that has a changed end
-- reads: nodes, occurrence_clusters, verdicts, decided_contents, group_relations, directed_relations,
--        representatives_of_groups, changed_answer_edges
-- makes: changed_question_edges, copy_edges, decided_edges, added_edges
-- changed_question_edges: pairs of related questions. copy_edges: each occurrence with the one that represents its copies.
-- decided_edges: what reviewers decided. added_edges: those of them that no rule lists.
create or replace temp table changed_question_edges as
with pairs as (
    select x.id as one, y.id as other, relation, false as by_representative
    from directed_relations join nodes x on x.question_hash = near join nodes y on y.question_hash = far
    where is_question and not is_large and x.is_changed and not (is_reverse and y.is_changed)
    union all
    select member.id, other.id, relation, true
    from directed_relations related join nodes member on member.question_hash = near
    join representatives_of_groups representative
        on representative.is_question = related.is_question and representative.hash = far
    join nodes other on other.node = representative.node
    where related.is_question and is_large and (member.is_changed or representative.is_changed)
)
select distinct least(one, other) as one_id, greatest(one, other) as other_id, kind, score, reason, by_representative
from pairs join (select relation, kind, score, reason from group_relations) using (relation);
create or replace temp table copy_edges as
select least(nodes.id, copy.occurrence_id) as one_id, greatest(nodes.id, copy.occurrence_id) as other_id,
    copy.is_answered
from occurrence_clusters copy join nodes on nodes.content = copy.content and nodes.cluster = copy.cluster
where nodes.is_changed and copy.occurrence_id <> nodes.id;
create or replace temp table decided_edges as
with named_nodes as (
    select content_key, nodes.* from decided_contents join nodes using (content)
    union all
    select content_key, nodes.* from decided_contents join nodes on nodes.id = leftover_id
)
select least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, arg_min(reviewer, rank) as reviewer,
    arg_min(is_same, rank) as is_same, arg_min(note, rank) as note,
    any_value(x.is_orphan or y.is_orphan) as has_orphan,
    any_value(coalesce(x.question_hash = y.question_hash, false)) as same_question,
    any_value(coalesce(x.cluster = y.cluster, false)) as same_cluster
from (select *, rowid as rank from verdicts)
join named_nodes x on x.content_key = a_key join named_nodes y on y.content_key = b_key
where x.id <> y.id and (x.is_changed or y.is_changed)
group by least(x.id, y.id), greatest(x.id, y.id);
create or replace temp table added_edges as
from decided_edges anti join changed_answer_edges using (one_id, other_id) where is_same
