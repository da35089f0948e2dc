-- grain: one row per figure and row of qa
-- reads: statistics, occurrences, documents, figure_decisions
-- answers: which figures are quoted, with value, meaning and source
-- scope and year: what limits the figure; figures of another scope or year are other figures.
-- decision: what a reviewer decided about it or about one of its copies, else null.
-- copies: how many occurrences of the row of qa quote it. Nothing is converted; low and high are null where the quote
-- leaves them open.
with ranked as (
    select
        s.*, uri, document_id, any_value(d.decision) over figure as reviewed,
        count(*) over figure as copies,
        row_number() over (figure order by uri, s.char_start) as rank
    from statistics s join occurrences using (occurrence_id) join documents using (document_id)
    left join figure_decisions d on d.statistic_id = s.statistic_id
    window figure as (partition by s.qa_id, kind, low, high, relation, unit, period, measure, scope, year)
)
select
    statistic_id, qa_id, kind, role, low, high, relation, unit, numerator, denominator, period, qualifier, surface, measure, population, counted,
    claim, is_known_claim, scope, year, attribution, citation, quote, uri, line, copies, reviewed as decision, uri || ':' || line as source,
    document_id || '#' || statistic_id as source_link
from ranked
where rank = 1
order by role, kind, uri, line, statistic_id
