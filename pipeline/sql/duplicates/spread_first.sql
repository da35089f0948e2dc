-- As duplicates/spread.sql where every answer is new.
create or replace temp table spread as
select run, count(*) as answers from fresh_runs group by run having count(*) > 1
