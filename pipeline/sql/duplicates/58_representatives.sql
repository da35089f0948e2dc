-- grain: one row per cluster
-- reads: occurrence_clusters, answered_clusters, preferred_wordings, contents, answer_relations, orphan_cannot_link,
--        orphan_must_link, cache.orphans
-- makes: representatives, orphan_clusters
-- representatives: the canonical occurrence, whose wording represents the cluster: answered, preferred by a reviewer,
-- the longest answer, not cut off, the first id. Takes preferred_wordings (cluster, content, preference: more is better).
create or replace temp table representatives as
with of_several as (select cluster from occurrence_clusters group by cluster having count(*) > 1),
represented as (
    select cluster, arg_min({'id': occurrence_id, 'question': question_hash, 'answer': answer_hash}, (
        not is_answered, -coalesce(preference, 0), -coalesce(length, -1), is_truncated, occurrence_id
    )) as first
    from occurrence_clusters semi join of_several using (cluster) left join preferred_wordings using (cluster, content)
    group by cluster
)
select cluster, first.id as canonical_occurrence_id, first.question as question_hash, first.answer as answer_hash
from represented
union all
select cluster, occurrence_id, question_hash, answer_hash
from occurrence_clusters anti join of_several using (cluster);
-- The cluster that each orphan joins, if any: the one a reviewer chose, else the one whose answer it repeats best: equal,
-- contained, most occurrences, first id. Takes orphan_must_link and orphan_cannot_link (content_key of the orphan,
-- content).
create or replace temp table orphan_clusters as
with orphans as (
    select distinct md5_number_lower(answer_key) as answer_hash, content_key from cache.orphans where answer_key <> ''
),
repeats as (
    select a_hash as answer_hash, b_hash as other, 1 as rank from answer_relations
    where kind in ('answer_contained', 'orphan_matches_answer')
    union all
    select b_hash, a_hash, 1 from answer_relations where kind in ('answer_contained', 'orphan_matches_answer')
    union all
    select answer_hash, answer_hash, 0 from orphans
),
answered as (select distinct content, cluster from occurrence_clusters where is_answered),
best as (
    select orphans.answer_hash, arg_min(cluster, (rank, -answered_clusters.copies, contents.id)) as cluster
    from orphans
    join repeats using (answer_hash)
    join contents on contents.answer_hash = other
    join answered using (content)
    join answered_clusters using (cluster)
    anti join orphan_cannot_link barred
        on barred.content_key = orphans.content_key and barred.content = contents.content
    group by orphans.answer_hash
)
select leftover_id, md5_number_lower(answer_key) as answer_hash, length(answer_key) as length,
    coalesce(chosen.cluster, best.cluster) as cluster
from cache.orphans
left join best on best.answer_hash = md5_number_lower(answer_key)
left join (
    select content_key, min(cluster) as cluster from orphan_must_link join occurrence_clusters using (content)
    group by content_key
) chosen using (content_key)
where answer_key <> ''
