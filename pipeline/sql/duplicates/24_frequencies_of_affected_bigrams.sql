-- grain: one row per bigram of a new or removed answer that occurs in more than one answer
-- reads: cache.signatures, new_answers, outdated_answers
-- makes: bigrams_of_new_answers, affected_bigram_frequencies, rarer_bigrams
-- In how many answers each of these bigrams occurs.
create or replace temp table bigrams_of_new_answers as
select unnest(bigrams) as bigram
from cache.signatures semi join new_answers using (answer_hash) where not getvariable('all_new');
-- DuckDB drops the branch whose variable is false from the plan.
create or replace temp table affected_bigram_frequencies as
select bigram, count(*) as answers
from (
    select unnest(bigrams) as bigram from cache.signatures where getvariable('all_new')
    union all
    select bigram from (select unnest(bigrams) as bigram from cache.signatures where not getvariable('all_new'))
    semi join (
        select bigram from bigrams_of_new_answers union select unnest(bigrams) from outdated_answers
    ) using (bigram)
)
group by bigram having count(*) > 1;
-- Bigrams that were too frequent as blocking keys until answers were removed, and are not any more.
create or replace temp table rarer_bigrams as
with lost as (
    select unnest(bigrams) as bigram, count(*) as answers from outdated_answers
    where not getvariable('all_new') group by bigram
),
won as (select bigram, count(*) as answers from bigrams_of_new_answers group by bigram)
select bigram from lost join affected_bigram_frequencies f using (bigram) left join won using (bigram)
where f.answers <= getvariable('largest_document_frequency')
    and f.answers + lost.answers - coalesce(won.answers, 0) > getvariable('largest_document_frequency')
