-- grain: one row per pair of answers that shares a blocking key of a bucket
-- reads: pairs_by_bigram
-- makes: pairs_by_bigram_to_send
-- bucket: that of the first answer of the pair.
create or replace temp view pairs_by_bigram_to_send as
select pair, sum(shared)::integer as shared, pair // 4294967296 // getvariable('file_rows') as bucket
from pairs_by_bigram group by pair
