-- grain: one row per cluster, that is per row of qa
-- reads: occurrences, representatives, question_ids, cache.contents
-- makes: qa_ids, clusters_with_repeated_qa_id
-- The id of each row of qa, made from the content that represents it. Clusters that reviewers keep apart although their
-- question and answer are equal have one content: repeat counts them from 0, and clusters_with_repeated_qa_id lists those
-- above 0.
create or replace temp table qa_ids as
with repeated as (
    select question_hash, answer_hash from representatives group by question_hash, answer_hash having count(*) > 1
),
counted as (
    select cluster, row_number() over content - 1 as repeat
    from representatives one
    join repeated on repeated.question_hash = one.question_hash
        and repeated.answer_hash is not distinct from one.answer_hash
    window content as (partition by one.question_hash, one.answer_hash order by canonical_occurrence_id)
)
select one.cluster, canonical_occurrence_id, question_id, qa_id, coalesce(repeat, 0) as repeat
from representatives one
join cache.contents named on named.question_hash = one.question_hash
    and named.answer_hash is not distinct from one.answer_hash
join question_ids on question_ids.question_hash = one.question_hash
left join counted on counted.cluster = one.cluster;
create or replace temp table clusters_with_repeated_qa_id as
select cluster, repeat, question_key, answer_key
from qa_ids join occurrences on occurrence_id = canonical_occurrence_id
where repeat > 0
