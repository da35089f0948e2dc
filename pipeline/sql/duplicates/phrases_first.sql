-- As duplicates/phrases.sql where every answer is new.
create or replace temp table phrase_spread as
select phrase, count(*) as answers
from (select unnest(phrases) as phrase from kept.answers)
group by phrase having count(*) > 1;
create or replace temp table rarer as select phrase from phrase_spread limit 0
