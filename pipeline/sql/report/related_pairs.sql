-- grain: one row per related pair, those that a person should see first; at most $limit
-- reads: duplicates, occurrences, leftovers, documents
-- answers: which pairs are merged ($merged) or only reported, with the text of both sides and the reason
-- Merged pairs: those whose answers differ first, and most, word-for-word copies last. Others: other answers to one question, then
-- conflicts, then the highest score. $kind: only pairs of this kind, null = all. Side a is the one that comes first in the sources.
with sides as (
    select occurrence_id as id, question, answer, uri, line_start, document_id from occurrences join documents using (document_id)
    union all
    select leftover_id, null, leftovers."text", uri, line_start, document_id from leftovers join documents using (document_id)
),
pairs as (
    select d.*, (x.uri, x.line_start) > (y.uri, y.line_start) as is_swapped
    from duplicates d join sides x on x.id = a_id join sides y on y.id = b_id
    where merged = $merged and ($kind::varchar is null or kind = $kind)
)
select
    kind, score, reason, a.uri || ':' || a.line_start as source_a, b.uri || ':' || b.line_start as source_b,
    coalesce(a.question, 'no question') || ' (' || source_a || ')' as side_a,
    coalesce(b.question, 'no question') || ' (' || source_b || ')' as side_b,
    a.question as question_a, b.question as question_b, a.answer as answer_a, b.answer as answer_b, decided_by,
    a.id as a_id, b.id as b_id, a.document_id || '#L' || a.line_start as side_a_link,
    b.document_id || '#L' || b.line_start as side_b_link
from pairs
join sides a on a.id = if(is_swapped, b_id, a_id)
join sides b on b.id = if(is_swapped, a_id, b_id)
order by
    list_position(
        if(merged, ['near_pair', 'answer_contained', 'orphan_matches_answer', 'same_question_different_answer', 'exact_pair'],
            ['same_question_different_answer', 'near_conflict', 'near_pair']), kind) nulls last,
    case when merged then score end,
    score desc, kind, a.uri, a.line_start, b.uri, b.line_start
limit $limit
