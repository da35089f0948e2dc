-- grain: one row per answer that has to be split into sentences
-- reads: answer_shingles, shared_shingle_frequencies, answer_texts, cache.signatures, cache.split_answers
-- makes: new_split_answers, answers_to_split, cache.split_answers
-- Answers that have not been split and may share a sentence with another answer: they share as many shingles with others
-- as a sentence of 8 words has, or they have fewer distinct shingles than places for one, so that they repeat some. On
-- 100 MB of pages these are 52,000 answers; 84,000 share a shingle. The hash table is built from the shared shingles, as
-- in `17_rarest_shingles.sql`: on 1 GB that takes 4 s instead of 12.
set disabled_optimizers = 'build_side_probe_side';
create or replace temp table new_split_answers as
select answer_hash
from cache.signatures join (
    select answer_hash, count(*) as shared
    from answer_shingles semi join shared_shingle_frequencies using (shingle)
    anti join cache.split_answers using (answer_hash)
    group by answer_hash
) using (answer_hash)
where shared >= getvariable('sentence_words') - getvariable('shingle_words') + 1
    or len(shingles) < words - getvariable('shingle_words') + 1;
reset disabled_optimizers;
insert into cache.split_answers from new_split_answers;
create or replace temp table answers_to_split as
select answer_hash, answer from new_split_answers join answer_texts using (answer_hash)
