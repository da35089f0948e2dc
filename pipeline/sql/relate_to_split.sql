-- Answers whose sentences have not been told apart yet, and that share as many runs of five words with others as a
-- sentence of 8 words has, as all do that share a sentence: one of fewer different runs repeats them. At 100 MB these are
-- 52,000 answers; 84,000 share a run. Takes spread.
create or replace temp table to_split as
select answer_hash
from (select answer_hash, len(runs) < words - 4 as repeats, unnest(runs) as run from kept.answers)
semi join spread using (run)
anti join kept.split using (answer_hash)
group by answer_hash, repeats
having count(*) >= getvariable('sentence_words') - 4 or repeats;
insert into kept.split from to_split
