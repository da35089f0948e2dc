-- grain: one row per answer of a file
-- reads: answers, texts, shared_shingle_frequencies
-- makes: cache.signatures, new_answers, answers_choosing_again, answer_shingles, answer_texts
-- What `duplicates/17_rarest_shingles.sql` and `40_answers_to_split.sql` read, where every answer is new.
insert into cache.signatures by name select answer_hash, words, length, is_cut, cut_shingle, shingles from answers;
create or replace temp view new_answers as select answer_hash, text_hash from answers;
create or replace temp table answers_choosing_again (answer_hash ubigint);
create or replace temp view answer_shingles as select answer_hash, unnest(shingles) as shingle from answers;
create or replace temp view answer_texts as select answer_hash, answer_key, answer from answers join texts using (number)
