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
    select n.id, o.id, relation, true
    from directed_relations d join nodes n on n.question_hash = near
    join representatives_of_groups r on r.is_question = d.is_question and r.hash = far join nodes o on o.node = r.node
    where d.is_question and d.is_large and (n.is_changed or r.is_changed)
)
select distinct least(one, other) as one_id, greatest(one, other) as other_id, kind, score, reason, by_representative
from pairs join (select relation, kind, score, reason from group_relations) using (relation);
create or replace temp table copy_edges as
select least(n.id, c.occurrence_id) as one_id, greatest(n.id, c.occurrence_id) as other_id, c.is_answered
from occurrence_clusters c join nodes n on n.content = c.content and n.cluster = c.cluster
where n.is_changed and c.occurrence_id <> n.id;
create or replace temp table decided_edges as
with named_nodes as (
    select content_key, n.* from decided_contents join nodes n using (content)
    union all
    select content_key, n.* from decided_contents join nodes n on n.id = leftover_id
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
