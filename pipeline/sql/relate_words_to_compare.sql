-- Pairs of answers to compare word by word, those of one text together and in the order of texts: many begin alike, and
-- of what they hold less is read anew than in the order of hashes (at 100 MB 41,000 answers for 85,000).
select a_hash, b_hash, a.answer_key as a_key, b.answer_key as b_key
from to_compare join texts a on a.answer_hash = a_hash join texts b on b.answer_hash = b_hash
order by least(a_key, b_key), greatest(a_key, b_key)
