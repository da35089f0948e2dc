-- grain: one row per figure
-- reads: statistics, occurrences
-- answers: what a claim is given by: the figure's words, its question, and where its surface starts in its quote
select
    kind, measure, population, quote, question, high, s.char_start - quote_char_start as surface_start, surface
from statistics s join occurrences using (occurrence_id)
order by statistic_id
