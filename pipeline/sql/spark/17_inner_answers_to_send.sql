-- grain: one row per pair of a bucket's answer and one that may contain it; one row per such answer and bucket it goes to
-- reads: answers, texts, candidates
-- makes: containing_candidates_to_send, inner_answers_to_send
-- bucket: that of the answer that may contain the other.
create or replace temp view containing_candidates_to_send as
select distinct inner_hash, outer_hash, outer_home as bucket from candidates;
create or replace temp view inner_answers_to_send as
select answer_hash, length, is_cut, answer_key, answer, bucket
from answers join texts using (number)
join (select distinct inner_hash as answer_hash, outer_home as bucket from candidates) using (answer_hash)
