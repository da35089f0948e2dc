-- grain: one row: the figure with $statistic_id
-- reads: statistics, occurrences, documents
-- answers: the sentence of a figure in its source, with $around characters of the text before and after it
select
    substr(d."text", greatest(1, quote_char_start + 1 - $around), least($around, quote_char_start)) as before,
    substr(d."text", quote_char_start + 1, s.char_start - quote_char_start) as head, surface,
    substr(d."text", s.char_end + 1, greatest(0, quote_char_end - s.char_end)) as tail,
    substr(d."text", greatest(s.char_end, quote_char_end) + 1, $around) as after,
    quote_char_start - $around <= 0 as is_at_start,
    greatest(s.char_end, quote_char_end) + $around >= length(d."text") as is_at_end
from statistics s join occurrences using (occurrence_id) join documents d using (document_id)
where statistic_id = $statistic_id
