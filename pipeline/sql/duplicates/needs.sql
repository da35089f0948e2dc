-- Needs that other questions have now than had them; questions_touched: all that have one of them, where others have it
-- too. Takes needs_gone, questions_anew and kept.questions with these in it.
create or replace temp table needs_touched as
from needs_gone
union
select need_hash from kept.questions semi join questions_anew using (question_hash) where need_hash is not null;
create or replace temp table questions_touched as
select question_key, need_hash from kept.questions semi join needs_touched using (need_hash)
qualify count(*) over (partition by need_hash) > 1;
delete from kept.asked where need_hash in (select need_hash from needs_touched)
