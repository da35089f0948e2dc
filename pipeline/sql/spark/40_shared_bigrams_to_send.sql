-- grain: one row per pair of answers that shares a blocking key of a bucket
-- reads: pairs_by_bigram
-- answers: pair, what it shares, and the bucket it goes to: that of its first answer
select pair, sum(shared)::integer as shared, pair // 4294967296 // getvariable('file_rows') as bucket
from pairs_by_bigram group by pair
