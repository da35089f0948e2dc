-- grain: one row per node: an orphan answer, or the copies of one content in one cluster
-- reads: verdicts, decided_contents, occurrence_clusters, orphan_clusters, contents, joined_content_clusters,
--        answer_relations, cache.questions
-- makes: nodes
-- Pairs are listed between nodes. digest: a hash of everything that pairs say about the node, so that a node whose digest
-- is in the cache has not changed. names: what the question alone is about, words that no list has and illnesses, unless
-- very many questions have them; only where the answer is a near copy of another one, as nothing else depends on them. Takes verdicts: what reviewers decided (a_key, b_key, reviewer, is_same, note).
create or replace temp table nodes as
with verdicts_on as (
    select content, leftover_id, bit_xor(hash(verdicts.rowid, a_key, b_key, reviewer, is_same, note)) as digest
    from verdicts join decided_contents on content_key in (a_key, b_key)
    group by content, leftover_id
),
near as (select unnest([a_hash, b_hash]) as answer_hash from answer_relations where kind in ('near_pair', 'near_conflict')),
said as (
    select question_hash, unnest(concepts, max_depth := 2) from cache.questions
    where question_hash in (select question_hash from contents semi join near using (answer_hash))
),
naming as (
    select question_hash, concept from said
    where class in ('', 'condition') or class = 'number' and regexp_matches(concept, '[a-z]')
),
rare as (
    select concept
    from (select unnest(list_transform(concepts, lambda c: c.concept)) as concept from cache.questions)
    semi join naming using (concept)
    group by concept having count(*) <= getvariable('largest_document_frequency')
),
names_of_questions as (
    select question_hash, list(concept order by concept) as names from naming semi join rare using (concept)
    group by question_hash
),
unnumbered as (
    select id, content, coalesce(cluster, content) as cluster, copies, members, false as is_orphan, is_answered,
        if(length > 0, answer_hash, null) as answer_hash, if(has_words, question_hash, null) as question_hash,
        coalesce(length, 0) as length
    from contents left join joined_content_clusters using (content)
    where is_answered
    union all
    -- The copies of a question without an answer may be in several clusters.
    select arg_min(occurrence_id, (is_truncated, occurrence_id)), content, cluster, count(*),
        bit_xor(hash(occurrence_id)), false, false, null, any_value(if(has_words, question_hash, null)), 0
    from occurrence_clusters where not is_answered group by content, cluster
    union all
    select leftover_id, null, cluster, 1, 0, true, true, answer_hash, null, length from orphan_clusters
)
select row_number() over () as node, own.*, names, false as is_changed,
    hash(own.id, own.is_orphan, own.is_answered, own.answer_hash, own.question_hash, own.copies, own.members,
        own.length, names, of_cluster.question_hash, of_cluster.answer_hash,
        coalesce(on_content.digest, on_orphan.digest)) as digest
from unnumbered own left join contents of_cluster on of_cluster.content = own.cluster
left join names_of_questions on names_of_questions.question_hash = own.question_hash
left join verdicts_on on_content on on_content.content = own.content
left join verdicts_on on_orphan on on_orphan.leftover_id = own.id
