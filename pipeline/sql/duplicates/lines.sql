-- Pairs of which one is the text of an orphan, the other an answer one of whose lines begins alike, and either is new or
-- an orphan's since now: they may repeat each other line by line. Openings of very many answers find nobody.
delete from kept.lines_compared
where a_hash in (select answer_hash from gone) or b_hash in (select answer_hash from gone);
create or replace temp table orphan_answers as select answer_hash from present where is_orphan;
create or replace temp table opened as
with opened as (select answer_hash, unnest(openings) as opening from kept.answers),
of_orphans as (select opening from opened semi join orphan_answers using (answer_hash))
from opened semi join of_orphans using (opening)
qualify count(*) over (partition by opening) <= getvariable('looked_at');
create or replace temp table beginning_alike as
select distinct least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
from opened x semi join orphan_answers using (answer_hash) join opened y using (opening)
where x.answer_hash <> y.answer_hash;
create or replace temp table to_compare_by_line as
from beginning_alike anti join kept.lines_compared using (a_hash, b_hash);
insert into kept.lines_compared from to_compare_by_line
