-- grain: one row per pair of answers and bigram by which one of the two finds the other
-- reads: answer_bigrams, affected_bigram_frequencies, numbered, rarer_bigrams
-- makes: blocking_keys, pairs_by_bigram
-- Bigrams that are rare enough are blocking keys. A pair is a number: that of its first answer in the upper 32 bits, that
-- of its second one, which is larger, in the lower ones. shared: 2 where each of the two searches by the bigram. A bigram
-- that has become a blocking key by the removal of answers makes candidates by itself: they may share more than it.
create or replace temp table blocking_keys as
select number, is_new, bigram, rank <= getvariable('searching_bigrams') as searches
from answer_bigrams
semi join (from affected_bigram_frequencies where answers <= getvariable('largest_document_frequency')) using (bigram)
join numbered using (answer_hash);
create or replace temp view pairs_by_bigram as
select x.number::ubigint * 4294967296 + y.number as pair, x.searches::utinyint + y.searches::utinyint as shared
from blocking_keys x join blocking_keys y using (bigram)
where x.number < y.number and (x.searches or y.searches) and (x.is_new or y.is_new)
union all
select x.number::ubigint * 4294967296 + y.number, getvariable('shared_bigrams')
from blocking_keys x semi join rarer_bigrams using (bigram) join blocking_keys y using (bigram)
where x.number < y.number and (x.searches or y.searches)
