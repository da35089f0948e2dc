-- grain: one row per pair of answers that has to be compared word by word
-- reads: new_candidate_pairs, texts_to_compare, pairs_of_one_question, found_pairs, numbered, pairs_to_check
-- makes: is_in, pairs_to_compare
-- The texts of each pair. Pairs of one text stand together, in the order of texts: many begin alike, so that fewer texts
-- are read again than in the order of hashes (on 100 MB 41,000 answers instead of 85,000). 24 characters are enough: to
-- sort 1.15 million pairs (1 GB) by whole texts takes 11.6 s and more than 400 MB, by 24 characters 8 s. Without those
-- of which one contains the other: `20_contained_pairs_to_compare.sql` finds them.
-- It is the statement that takes most memory: on 100 MB of text, two of four runs with 120 MB of it had to try again.
drop table found_pairs;
drop table numbered;
drop table pairs_to_check;
create or replace temp macro is_in(part, whole, words) as
    words >= getvariable('shingle_words') and contains(' ' || whole || ' ', ' ' || part || ' ');
create or replace temp table pairs_to_compare as
select a_hash, b_hash, a.answer as a_text, b.answer as b_text,
    (a_hash, b_hash) in (from pairs_of_one_question) as is_of_one_question
from new_candidate_pairs
join texts_to_compare a on a.answer_hash = a_hash join texts_to_compare b on b.answer_hash = b_hash
where not is_in(a.answer_key, b.answer_key, a_words) and not is_in(b.answer_key, a.answer_key, b_words)
order by least(a_text, b_text)[:24], greatest(a_text, b_text)[:24]
