-- grain: one row per node that has changed or was removed, or whose group has
-- reads: nodes, group_digests, cache.nodes, cache.group_digests
-- makes: changed_nodes, nodes, cache.nodes, cache.group_digests
-- Every pair that may differ from the previous run has one of these at one end.
create or replace temp table changed_nodes as
with changed_groups as (
    select is_question, hash from group_digests anti join cache.group_digests using (digest)
    union
    select is_question, hash from cache.group_digests anti join group_digests using (digest)
)
select id from nodes anti join cache.nodes using (digest)
union
select id from cache.nodes anti join nodes using (digest)
union
select id from nodes where answer_hash in (select hash from changed_groups where not is_question)
    or question_hash in (select hash from changed_groups where is_question);
update nodes set is_changed = true where id in (from changed_nodes);
delete from cache.nodes where digest not in (select digest from nodes);
insert into cache.nodes select id, digest from nodes anti join cache.nodes using (digest);
delete from cache.group_digests where digest not in (select digest from group_digests);
insert into cache.group_digests from group_digests anti join cache.group_digests using (digest)
