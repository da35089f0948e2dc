-- grain: one row per pair of answers that may be near copies and has to be compared word by word
-- reads: new_answers, affected_bigram_frequencies, rarer_bigrams, answers_to_question, pairs_of_one_question,
--        new_pairs_of_one_question, answer_texts, cache.signatures, cache.relations
-- makes: numbered, blocking_keys, found_pairs, sharing_pairs, pairs_to_check, new_candidate_pairs, pairs_to_compare
-- Candidates are pairs that share enough rare bigrams, where either answer is new, and new pairs of one question.
-- Tables that are no longer needed are dropped, for they are large: affected_bigram_frequencies, too.
create or replace temp macro up_to(bigrams, last) as list_filter(bigrams, lambda bigram: bigram <= last);
-- By how many bigrams both answers can be found, each counted for itself; the smaller number of the two.
create or replace temp macro comparable_bigrams(a, b) as
    if(a[-1] <= b[-1], least(len(a), len(up_to(b, a[-1]))), least(len(b), len(up_to(a, b[-1]))));
-- The bigrams as bits of one number. A bit that only one of two answers has stands for at least one bigram that the other
-- one lacks: so many at least are not in common.
create or replace temp macro bits_of(bigrams) as
    list_aggregate(list_transform(bigrams, lambda bigram: 1::hugeint << (bigram % 127)::integer), 'bit_or');
create or replace temp macro most_in_common(a, a_bits, b, b_bits) as
    least(len(a) - bit_count(a_bits & ~b_bits), len(b) - bit_count(b_bits & ~a_bits));
-- Answers by number, short ones first, so that the smaller number of a pair says whether one of them is short. A pair is
-- then one integer, and it is counted once per bigram although both answers may search by it: on 100 MB of pages 8.8
-- million rows instead of 15.4 are counted, in 2.5 s of processor time instead of 4.4.
create or replace temp table numbered as
select (row_number() over (order by words > getvariable('short_answer_words')))::uinteger as number, answer_hash,
    answer_hash in (select answer_hash from new_answers) as is_new
from cache.signatures;
create or replace temp table blocking_keys as
select number, is_new, bigram, rank <= getvariable('searching_bigrams') as searches
from (
    select answer_hash, unnest(bigrams) as bigram, generate_subscripts(bigrams, 1) as rank from cache.signatures
)
semi join (from affected_bigram_frequencies where answers <= getvariable('largest_document_frequency')) using (bigram)
join numbered using (answer_hash);
set variable last_short = (
    select count(*) from cache.signatures where words <= getvariable('short_answer_words')
);
create or replace temp table found_pairs as
with frequent as (
    select x.number::ubigint * 4294967296 + y.number as pair, sum(x.searches::utinyint + y.searches::utinyint) as shared
    from blocking_keys x join blocking_keys y using (bigram)
    where x.number < y.number and (x.searches or y.searches) and (x.is_new or y.is_new)
    group by pair
    having shared >= getvariable('shared_bigrams')
        or pair // 4294967296 <= getvariable('last_short') and shared >= getvariable('shared_bigrams_if_short')
),
by_rarer_bigram as (
    select x.number::ubigint * 4294967296 + y.number as pair
    from blocking_keys x semi join rarer_bigrams using (bigram) join blocking_keys y using (bigram)
    where x.number < y.number and (x.searches or y.searches)
)
select least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
from (select pair from frequent union from by_rarer_bigram)
join numbered x on x.number = pair // 4294967296 join numbered y on y.number = pair % 4294967296;
drop table blocking_keys;
-- Of the pairs of one question, those that share a bigram, or of which one answer is short.
create or replace temp table sharing_pairs as
with bigrams_of as (
    select question_hash, answer_hash, answers, first, unnest(bigrams) as bigram
    from answers_to_question join cache.signatures using (answer_hash)
    where answer_hash in (
        select a_hash from new_pairs_of_one_question union select b_hash from new_pairs_of_one_question
    )
)
select x.answer_hash as a_hash, y.answer_hash as b_hash
from bigrams_of x join bigrams_of y using (question_hash, bigram)
where x.answers <= getvariable('largest_group') and y.answer_hash > x.answer_hash
union
select x.answer_hash, y.answer_hash
from (from bigrams_of where answer_hash = first and answers > getvariable('largest_group')) x
join bigrams_of y using (question_hash, bigram)
where y.answer_hash <> x.answer_hash
union
select a_hash, b_hash
from new_pairs_of_one_question
join cache.signatures a on a.answer_hash = a_hash join cache.signatures b on b.answer_hash = b_hash
where least(a.words, b.words) <= getvariable('short_answer_words');
-- Not those that have been compared word by word. That one is a part of the other may be forgotten (it has become
-- boilerplate, `20_contained_pairs_to_compare.sql`), so such a pair is checked like any other.
create or replace temp table pairs_to_check as
select a_hash, b_hash
from (from found_pairs union from new_pairs_of_one_question semi join sharing_pairs using (a_hash, b_hash))
where (a_hash, b_hash) not in (
    select (a_hash, b_hash) from cache.relations where not is_contained and kind <> 'orphan_matches_answer'
);
create or replace temp table new_candidate_pairs as
with involved as materialized (
    select answer_hash, words, bigrams, bits_of(bigrams) as bits from cache.signatures
    where answer_hash in (select a_hash from pairs_to_check union select b_hash from pairs_to_check)
),
sized as (
    select a_hash, b_hash, a.words as a_words, b.words as b_words, a.bigrams as a_bigrams, b.bigrams as b_bigrams,
        most_in_common(a.bigrams, a.bits, b.bigrams, b.bits) as most,
        comparable_bigrams(a.bigrams, b.bigrams) as comparable,
        if(least(a.words, b.words) <= getvariable('short_answer_words'),
            getvariable('smallest_bigram_overlap_if_short'), getvariable('smallest_bigram_overlap')) as needed
    from pairs_to_check join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
)
-- Of the bigrams by which both answers can be found, the share that the two have in common. It is computed where the bits
-- leave room for enough: for 40,000 of 72,000 pairs.
select a_hash, b_hash, a_words, b_words,
    case when most / comparable >= needed then len(list_intersect(a_bigrams, b_bigrams)) / comparable >= needed
        else false end as is_overlapping
from sized
where is_overlapping
    or least(a_words, b_words) <= getvariable('short_answer_words')
    and (a_hash, b_hash) in (from pairs_of_one_question);
drop table numbered;
drop table affected_bigram_frequencies;
drop table sharing_pairs;
drop table pairs_to_check;
-- The texts of each pair. Pairs of one text stand together, in the order of texts: many begin alike, so that fewer texts
-- are read again than in the order of hashes (on 100 MB 41,000 answers instead of 85,000). 24 characters are enough: to
-- sort 1.15 million pairs (1 GB) by whole texts takes 11.6 s and more than 400 MB, by 24 characters 8 s. Without those
-- of which one contains the other: `20_contained_pairs_to_compare.sql` finds them.
create or replace temp macro is_in(part, whole, words) as
    words >= getvariable('shingle_words') and contains(' ' || whole || ' ', ' ' || part || ' ');
create or replace temp table pairs_to_compare as
select a_hash, b_hash, a.answer as a_text, b.answer as b_text,
    (a_hash, b_hash) in (from pairs_of_one_question) as is_of_one_question
from new_candidate_pairs join answer_texts a on a.answer_hash = a_hash join answer_texts b on b.answer_hash = b_hash
where not is_in(a.answer_key, b.answer_key, a_words) and not is_in(b.answer_key, a.answer_key, b_words)
order by least(a_text, b_text)[:24], greatest(a_text, b_text)[:24]
