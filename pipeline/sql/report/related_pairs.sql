-- Related pairs with what both sides say, the closest first; side a is the one that stands first in the sources.
-- $merged: only merged pairs, or only reported ones; $kind: only these (null = all).
with sides as (
    select occurrence_id as id, question, answer, uri, line_start from occurrences join documents using (document_id)
    union all
    select leftover_id, null, leftovers."text", uri, line_start from leftovers join documents using (document_id)
),
placed as (
    select d.*, (x.uri, x.line_start) > (y.uri, y.line_start) as is_turned
    from duplicates d join sides x on x.id = a_id join sides y on y.id = b_id
    where merged = $merged and ($kind::varchar is null or kind = $kind)
)
select
    kind, score, reason, a.uri || ':' || a.line_start as place_a, b.uri || ':' || b.line_start as place_b,
    coalesce(a.question, 'no question') || ' (' || place_a || ')' as side_a,
    coalesce(b.question, 'no question') || ' (' || place_b || ')' as side_b,
    a.question as question_a, b.question as question_b, a.answer as answer_a, b.answer as answer_b, decided_by,
    a.id as a_id, b.id as b_id
from placed
join sides a on a.id = if(is_turned, b_id, a_id)
join sides b on b.id = if(is_turned, a_id, b_id)
order by score desc, kind, a.uri, a.line_start, b.uri, b.line_start
limit $limit
