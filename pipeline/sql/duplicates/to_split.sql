-- Answers whose sentences have not been told apart yet, and that share as many runs of five words with others as a
-- sentence of 8 words has, as all do that share a sentence: one of fewer different runs repeats them. At 100 MB these are
-- 52,000 answers; 84,000 share a run. Takes spread. The runs pass by the shared ones, as in duplicates/contained.sql: at 1 GB
-- that takes 4 s instead of 12.
set disabled_optimizers = 'build_side_probe_side';
create or replace temp table to_split as
select answer_hash
from (select answer_hash, len(runs) < words - 4 as repeats, unnest(runs) as run from kept.answers)
semi join spread using (run)
anti join kept.split using (answer_hash)
group by answer_hash, repeats
having count(*) >= getvariable('sentence_words') - 4 or repeats;
reset disabled_optimizers;
insert into kept.split from to_split
