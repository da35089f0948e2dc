-- grain: one row per affected bigram that occurs in more than one answer
-- reads: bigrams_to_count
-- makes: affected_bigram_frequencies
-- In how many answers each bigram occurs.
create or replace temp table affected_bigram_frequencies as
select bigram, count(*) as answers from bigrams_to_count group by bigram having count(*) > 1
