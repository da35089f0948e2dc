-- Every related pair that has a foot in a row of qa, merged ones first.
with feet as (
    select occurrence_id as id from occurrences where qa_id = $qa_id
    union all
    select leftover_id from leftovers where qa_id = $qa_id
)
select a_id, b_id, kind, same_question, score, reason, merged, decided_by
from duplicates
where a_id in (from feet) or b_id in (from feet)
order by not merged, kind, score desc, a_id, b_id
