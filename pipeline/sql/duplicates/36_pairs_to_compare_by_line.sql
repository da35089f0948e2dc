-- grain: one row per orphan answer and answer that have to be compared line by line
-- reads: outdated_answers, current_answers, answer_texts, cache.signatures, cache.pairs_by_line
-- makes: orphan_answers, line_starts, pairs_with_line_start, new_pairs_by_line, pairs_to_compare_by_line, cache.pairs_by_line
-- An orphan may repeat an answer line by line when a line of each starts with the same five words. Line starts of very
-- many answers are not used. Compared are pairs that have not been compared.
delete from cache.pairs_by_line
where a_hash in (select answer_hash from outdated_answers) or b_hash in (select answer_hash from outdated_answers);
create or replace temp table orphan_answers as select answer_hash from current_answers where is_orphan;
create or replace temp table line_starts as
with starts as (select answer_hash, unnest(line_starts) as line_start from cache.signatures),
of_orphans as (select line_start from starts semi join orphan_answers using (answer_hash))
from starts semi join of_orphans using (line_start)
qualify count(*) over (partition by line_start) <= getvariable('largest_search');
create or replace temp table pairs_with_line_start as
select distinct least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
from line_starts x semi join orphan_answers using (answer_hash) join line_starts y using (line_start)
where x.answer_hash <> y.answer_hash;
create or replace temp table new_pairs_by_line as
from pairs_with_line_start anti join cache.pairs_by_line using (a_hash, b_hash);
insert into cache.pairs_by_line from new_pairs_by_line;
create or replace temp table pairs_to_compare_by_line as
select a_hash, b_hash, a.answer as a_text, b.answer as b_text
from new_pairs_by_line join answer_texts a on a.answer_hash = a_hash join answer_texts b on b.answer_hash = b_hash
