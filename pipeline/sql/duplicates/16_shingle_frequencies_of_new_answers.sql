-- grain: one row per shingle (five words in a row) that a new answer shares with another answer
-- reads: cache.signatures, new_answers, outdated_answers, cache.rarest_shingles, cache.boilerplate_answers
-- makes: shingles_of_new_answers, shingle_changes, answers_choosing_again, known_shingles, answer_shingles,
--        cache.rarest_shingles, shared_shingle_frequencies
-- In how many answers each shingle of the new answers occurs, and of those that choose again; and the frequencies in
-- cache.rarest_shingles, updated. That table has no rows when all answers are new.
create or replace temp view shingles_of_new_answers as
select answer_hash, unnest(shingles) as shingle from cache.signatures semi join new_answers using (answer_hash);
create or replace temp table shingle_changes as
select shingle, sum(change) as change
from (
    select shingle, 1 as change from shingles_of_new_answers where not getvariable('all_new')
    union all
    select unnest(shingles), -1 from outdated_answers where not getvariable('all_new')
)
group by shingle;
update cache.rarest_shingles set answers = answers + change
from shingle_changes c where c.shingle = cache.rarest_shingles.shingle and change <> 0;
-- The chosen shingle may have become frequent since it was chosen: these answers choose again.
create or replace temp table answers_choosing_again as
select answer_hash from cache.rarest_shingles where answers > getvariable('largest_search')
union
select answer_hash from cache.boilerplate_answers semi join cache.signatures using (answer_hash);
-- In a refresh, the answers that have a shingle of an answer that chooses one: a pass over the shingles of all answers, and
-- the only one (of 128,000 answers, .1 s). Three later files read its rows.
create or replace temp table known_shingles as
select answer_hash, shingle
from (select answer_hash, unnest(shingles) as shingle from cache.signatures where not getvariable('all_new'))
semi join (
    from shingles_of_new_answers
    union all
    select answer_hash, unnest(shingles) from cache.signatures semi join answers_choosing_again using (answer_hash)
) using (shingle);
-- DuckDB drops the branch whose variable is false from the plan.
create or replace temp view answer_shingles as
select answer_hash, unnest(shingles) as shingle from cache.signatures where getvariable('all_new')
union all
from known_shingles;
create or replace temp table shared_shingle_frequencies as
select shingle, count(*) as answers from answer_shingles group by shingle having count(*) > 1
