-- Answers whose sentences have not been told apart yet, and that share a run of words with another one, as all do that
-- share a sentence. Takes fresh_runs and spread.
create or replace temp table to_split as
select distinct answer_hash
from (select answer_hash, unnest(runs) as run from kept.answers)
semi join (from fresh_runs semi join spread using (run)) using (run)
anti join kept.split using (answer_hash);
insert into kept.split from to_split
