-- grain: one row per shingle that occurs in more than one answer, and file that has it
-- reads: shingle_counts
-- makes: shared_shingle_frequencies_to_send
-- In how many answers of all files it occurs, for each file that has it.
create or replace temp view shared_shingle_frequencies_to_send as
with shared as (
    select shingle, sum(answers)::bigint as answers from shingle_counts group by shingle having sum(answers) > 1
)
select shingle, shared.answers, home as bucket from shingle_counts join shared using (shingle)
