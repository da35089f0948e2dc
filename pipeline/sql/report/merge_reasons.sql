-- grain: one row per kind of pair that merges
-- reads: occurrences, qa, duplicates
-- answers: why occurrences are in the same row of qa as another one, which represents it
-- An occurrence counts by its pair with the canonical occurrence, else by its first kind in the order of the guidelines;
-- an occurrence without a merged pair has the reason joined_through_others.
with joined as (
    select occurrence_id, canonical_occurrence_id
    from occurrences join qa using (qa_id)
    where occurrence_count > 1 and occurrence_id <> canonical_occurrence_id
),
sides as (
    select a_id as occurrence_id, b_id as other, kind from duplicates where merged
    union all
    select b_id, a_id, kind from duplicates where merged
),
first_kind as (
    select occurrence_id, arg_min(kind, (
        other is distinct from canonical_occurrence_id,
        list_position(['exact_pair', 'near_pair', 'answer_contained', 'same_question_different_answer'], kind)
    )) as kind
    from joined left join sides using (occurrence_id)
    group by occurrence_id
)
select coalesce(kind, 'joined_through_others') as reason, count(*) as rows from first_kind group by all order by all
