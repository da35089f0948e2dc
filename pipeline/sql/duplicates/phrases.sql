-- In how many answers each phrase of new or gone ones stands, where it is more than one. Takes fresh, gone, kept.answers.
create or replace temp table fresh_phrases as
select unnest(phrases) as phrase from kept.answers semi join fresh using (answer_hash);
create or replace temp table phrase_spread as
select phrase, count(*) as answers
from (select unnest(phrases) as phrase from kept.answers)
semi join (
    select phrase from fresh_phrases union select unnest(phrases) from gone
) using (phrase)
group by phrase having count(*) > 1;
-- Phrases that were too common until answers left, and are not any more.
create or replace temp table rarer as
with lost as (select unnest(phrases) as phrase, count(*) as answers from gone group by phrase),
won as (select phrase, count(*) as answers from fresh_phrases group by phrase)
select phrase from lost join phrase_spread s using (phrase) left join won using (phrase)
where s.answers <= getvariable('common')
    and s.answers + lost.answers - coalesce(won.answers, 0) > getvariable('common')
