-- Occurrences that are not the wording of their row of qa, by the kind of pair that joined them: reason, rows.
-- The pair with the wording itself counts first, then the first kind in the guidelines' order.
with joined as (
    select occurrence_id, canonical_occurrence_id
    from occurrences join qa using (qa_id)
    where occurrence_id <> canonical_occurrence_id
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
