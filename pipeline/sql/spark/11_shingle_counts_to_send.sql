-- grain: one row per shingle of a file of answers
-- reads: answers
-- makes: shingle_counts_to_send
-- In how many answers of the file it occurs. So of the most frequent shingle, a bucket gets one row from each file.
create or replace temp view shingle_counts_to_send as
select shingle, count(*)::uinteger as answers, getvariable('bucket') as home, shingle % getvariable('files') as bucket
from (select unnest(shingles) as shingle from answers) group by shingle
