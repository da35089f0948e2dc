-- grain: one row per figure that a reviewer decided on and row of qa
-- reads: figure_decisions, statistics, occurrences, documents
-- answers: which figures reviewers found comparable, not comparable or misread, and why
select
    claim, scope, year, low, high, relation, unit, numerator, denominator, period, quote, decision, decided_by, note, uri || ':' || line as source,
    document_id || '#' || s.statistic_id as source_link
from figure_decisions join statistics s using (statistic_id)
join occurrences using (occurrence_id) join documents using (document_id)
qualify row_number() over (partition by s.qa_id, quote, surface, decision order by uri, s.char_start) = 1
order by claim, low, high, uri, line
