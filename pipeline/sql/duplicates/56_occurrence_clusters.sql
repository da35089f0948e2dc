-- grain: one row per occurrence
-- reads: cache.occurrence_hashes, contents, joined_content_clusters, unanswered_cannot_link
-- makes: answered_clusters, clusters_on_offer, occurrence_clusters
-- The cluster of each occurrence: a number; the occurrences of one cluster are one row of qa. Takes joined_content_clusters
-- (content, cluster: where it is another than the content itself) and unanswered_cannot_link (content, cluster).
create or replace temp table occurrence_clusters as
select hashes.*, content, coalesce(cluster, content) as cluster
from cache.occurrence_hashes hashes
join contents on contents.question_hash = hashes.question_hash
    and contents.answer_hash is not distinct from hashes.answer_hash
left join joined_content_clusters using (content);
create or replace temp table answered_clusters as
select cluster, count(*) as copies, max(length) as length, min(occurrence_id) as first
from occurrence_clusters where is_answered group by cluster;
-- The clusters that an unanswered question may join, the best first: most occurrences, the longest answer, the first id.
-- It joins one of its own document if there is one, else the best of all (contract, law 3).
create or replace temp table clusters_on_offer as
with unanswered as (
    select distinct content, question_hash from occurrence_clusters
    where not is_answered and cluster not in (select cluster from answered_clusters)
)
select distinct unanswered.content, answered.document_id, answered.cluster,
    (-copies, -answered_clusters.length, answered_clusters.first) as rank
from unanswered
join occurrence_clusters answered
    on answered.question_hash = unanswered.question_hash and answered.is_answered
join answered_clusters on answered_clusters.cluster = answered.cluster
anti join unanswered_cannot_link barred
    on barred.content = unanswered.content and barred.cluster = answered.cluster;
update occurrence_clusters own set cluster = best.cluster
from (
    select occurrence_id, coalesce(of_document.cluster, of_all.cluster) as cluster
    from occurrence_clusters
    join (select content, arg_min(cluster, rank) as cluster from clusters_on_offer group by content) of_all using (content)
    left join (
        select content, document_id, arg_min(cluster, rank) as cluster from clusters_on_offer group by content, document_id
    ) of_document using (content, document_id)
) best
where not own.is_answered and own.occurrence_id = best.occurrence_id
