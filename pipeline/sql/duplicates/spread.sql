-- In how many answers each run of new ones stands, where it is more than one. Takes fresh_runs, kept.answers.
create or replace temp table spread as
select run, count(*) as answers
from (select unnest(runs) as run from kept.answers) semi join fresh_runs using (run)
group by run having count(*) > 1
