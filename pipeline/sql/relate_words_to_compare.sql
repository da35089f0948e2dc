-- Pairs of answers to compare word by word, those of one answer together.
select a_hash, b_hash, a.answer_key as a_key, b.answer_key as b_key
from to_compare join texts a on a.answer_hash = a_hash join texts b on b.answer_hash = b_hash
order by a_hash, b_hash
