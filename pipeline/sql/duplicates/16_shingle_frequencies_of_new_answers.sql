-- grain: one row per shingle (five words in a row) that a new answer shares with another answer
-- reads: cache.signatures, new_answers, outdated_answers, cache.rarest_shingles
-- makes: answer_shingles, shingles_of_new_answers, shingle_changes, cache.rarest_shingles, shared_shingle_frequencies
-- In how many answers each shingle of the new answers occurs; and the frequencies in cache.rarest_shingles, updated. That
-- table has no rows when all answers are new.
create or replace temp view answer_shingles as
select answer_hash, unnest(shingles) as shingle from cache.signatures;
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
-- DuckDB drops the branch whose variable is false from the plan.
create or replace temp table shared_shingle_frequencies as
select shingle, count(*) as answers
from (
    select unnest(shingles) as shingle from cache.signatures where getvariable('all_new')
    union all
    select shingle from (select unnest(shingles) as shingle from cache.signatures where not getvariable('all_new'))
    semi join shingles_of_new_answers using (shingle)
)
group by shingle having count(*) > 1
