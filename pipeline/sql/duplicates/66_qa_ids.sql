-- grain: one row per cluster, that is per row of qa
-- reads: occurrences, representatives, occurrence_clusters, question_ids, cache.contents
-- makes: qa_ids, clusters_with_repeated_qa_id
-- The id of each row of qa, made from the content that represents it. Clusters that reviewers keep apart although their
-- question and answer are equal have one content: repeat counts them from 0, and clusters_with_repeated_qa_id lists those above 0.
create or replace temp table qa_ids as
with represented as (
    select r.cluster, canonical_occurrence_id, c.question_hash, c.answer_hash
    from representatives r join occurrence_clusters c on c.occurrence_id = canonical_occurrence_id
),
repeated as (
    select question_hash, answer_hash from represented group by question_hash, answer_hash having count(*) > 1
),
counted as (
    select w.cluster,
        row_number() over (partition by w.question_hash, w.answer_hash order by canonical_occurrence_id) - 1 as repeat
    from represented w join repeated r
    on r.question_hash = w.question_hash and r.answer_hash is not distinct from w.answer_hash
)
select w.cluster, canonical_occurrence_id, question_id, qa_id, coalesce(repeat, 0) as repeat
from represented w
join cache.contents k on k.question_hash = w.question_hash and k.answer_hash is not distinct from w.answer_hash
join question_ids g on g.question_hash = w.question_hash
left join counted c on c.cluster = w.cluster;
create or replace temp table clusters_with_repeated_qa_id as
select cluster, repeat, question_key, answer_key
from qa_ids join occurrences on occurrence_id = canonical_occurrence_id
where repeat > 0
