-- grain: one row per answer and bigram of a bucket
-- reads: bigrams
-- makes: answer_bigrams, bigrams_to_count, numbered, rarer_bigrams
-- What `duplicates/25_bigram_frequencies.sql` and `27_pairs_by_bigram.sql` read, where every answer is new. The number of
-- an answer serves as its hash.
create or replace temp view answer_bigrams as select number as answer_hash, bigram, rank from bigrams;
create or replace temp view bigrams_to_count as select bigram from bigrams;
create or replace temp table numbered as select distinct number, number as answer_hash, true as is_new from bigrams;
create or replace temp table rarer_bigrams (bigram uinteger)
