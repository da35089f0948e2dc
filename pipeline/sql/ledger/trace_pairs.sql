-- Every related pair that has a foot in a row of qa, merged ones first; side a is the one that stands first in the
-- sources.
with feet as (
    select occurrence_id as id from occurrences where qa_id = $qa_id
    union all
    select leftover_id from leftovers where qa_id = $qa_id
),
places as (
    select occurrence_id as id, uri, line_start from occurrences join documents using (document_id)
    union all
    select leftover_id, uri, line_start from leftovers join documents using (document_id)
),
pairs as (
    select d.*, (x.uri, x.line_start) > (y.uri, y.line_start) as is_turned
    from duplicates d join places x on x.id = a_id join places y on y.id = b_id
    where a_id in (from feet) or b_id in (from feet)
)
select
    a.id as a_id, b.id as b_id, a.uri || ':' || a.line_start as place_a, b.uri || ':' || b.line_start as place_b,
    kind, same_question, score, reason, merged, decided_by
from pairs
join places a on a.id = if(is_turned, b_id, a_id)
join places b on b.id = if(is_turned, a_id, b_id)
order by not merged, kind, score desc, a.uri, a.line_start, b.uri, b.line_start
