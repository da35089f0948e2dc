-- Pairs of texts to compare line by line.
select a_hash, b_hash, a.answer as a_text, b.answer as b_text
from to_compare_by_line join texts a on a.answer_hash = a_hash join texts b on b.answer_hash = b_hash
