-- grain: one row per bigram that was too frequent as a blocking key until answers were removed, and is not any more
-- reads: bigrams_of_new_answers, outdated_answers, affected_bigram_frequencies
-- makes: rarer_bigrams
create or replace temp table rarer_bigrams as
with lost as (
    select unnest(bigrams) as bigram, count(*) as answers from outdated_answers
    where not getvariable('all_new') group by bigram
),
won as (select bigram, count(*) as answers from bigrams_of_new_answers group by bigram)
select bigram from lost join affected_bigram_frequencies f using (bigram) left join won using (bigram)
where f.answers <= getvariable('largest_document_frequency')
    and f.answers + lost.answers - coalesce(won.answers, 0) > getvariable('largest_document_frequency')
