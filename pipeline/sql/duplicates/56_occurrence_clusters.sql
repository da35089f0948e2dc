-- grain: one row per occurrence
-- reads: cache.occurrence_hashes, contents, joined_content_clusters, unanswered_cannot_link
-- makes: content_clusters_of_occurrences, answered_clusters, clusters_on_offer, occurrence_clusters
-- The cluster of each occurrence: a number; the occurrences of one cluster are one row of qa. Takes joined_content_clusters
-- (content, cluster: where it is another than the content itself) and unanswered_cannot_link (content, cluster).
create or replace temp table content_clusters_of_occurrences as
select h.*, content, coalesce(cluster, content) as cluster
from cache.occurrence_hashes h
join contents c on c.question_hash = h.question_hash and c.answer_hash is not distinct from h.answer_hash
left join joined_content_clusters using (content);
create or replace temp table answered_clusters as
select cluster, count(*) as copies, max(length) as length, min(occurrence_id) as first
from content_clusters_of_occurrences where is_answered group by cluster;
-- The clusters that an unanswered question may join, the best first: most occurrences, the longest answer, the first id.
-- It joins one of its own document if there is one, else the best of all (contract, law 3).
create or replace temp table clusters_on_offer as
with unanswered as (
    select distinct content, question_hash from content_clusters_of_occurrences
    where not is_answered and cluster not in (select cluster from answered_clusters)
)
select distinct u.content, c.document_id, c.cluster, (-copies, -a.length, a.first) as rank
from unanswered u
join content_clusters_of_occurrences c on c.question_hash = u.question_hash and c.is_answered
join answered_clusters a on a.cluster = c.cluster
anti join unanswered_cannot_link n on n.content = u.content and n.cluster = c.cluster;
create or replace temp table occurrence_clusters as
with of_document as (
    select content, document_id, arg_min(cluster, rank) as cluster from clusters_on_offer group by content, document_id
),
of_all as (select content, arg_min(cluster, rank) as cluster from clusters_on_offer group by content)
select c.* exclude (cluster), if(c.is_answered, c.cluster, coalesce(d.cluster, a.cluster, c.cluster)) as cluster
from content_clusters_of_occurrences c
left join of_document d on d.content = c.content and d.document_id = c.document_id
left join of_all a on a.content = c.content
