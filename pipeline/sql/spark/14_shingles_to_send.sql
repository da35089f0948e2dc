-- grain: one row per shared shingle and answer of a file; per answer to search for; per boilerplate end of a pair
-- reads: answers, question_pairs, shared_shingle_frequencies, boilerplate, cache.rarest_shingles
-- makes: shared_shingles_to_send, wanted_to_send, boilerplate_pairs_to_send
-- What finds the answers that contain others, in buckets by shingle. home: the bucket of an answer. Of a shingle that
-- occurs in too many answers, only the longest are searched (`duplicates/18_containing_candidates.sql`), so no file
-- sends more than that. A pair goes to the bucket of its first answer, from both of its ends.
create or replace temp view shared_shingles_to_send as
select shingle, answer_hash, length, getvariable('bucket') as home, shingle % getvariable('files') as bucket
from (select answer_hash, length, unnest(shingles) as shingle from answers)
semi join shared_shingle_frequencies using (shingle)
qualify row_number() over (partition by shingle order by length desc, answer_hash) <= getvariable('largest_search');
create or replace temp view wanted_to_send as
select answer_hash, shingle, rarest.answers, length, getvariable('bucket') as home, shingle % getvariable('files') as bucket
from cache.rarest_shingles rarest join answers using (answer_hash) where rarest.answers > 1;
create or replace temp view boilerplate_pairs_to_send as
select answer_hash, a_hash, b_hash, number // getvariable('file_rows') as home, other // getvariable('file_rows') as other_home,
    least(number, other) // getvariable('file_rows') as bucket
from boilerplate join answers using (answer_hash) join question_pairs using (number)
