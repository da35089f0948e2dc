-- grain: one row per question whose need now has other questions than before
-- reads: removed_needs, new_questions, cache.questions, cache.question_relations
-- makes: changed_needs, questions_to_compare, cache.question_relations
-- Takes cache.questions with the new questions in it. A question that is the only one with its need is left out.
create or replace temp table changed_needs as
from removed_needs
union
select need_hash from cache.questions semi join new_questions using (question_hash) where need_hash is not null;
create or replace temp table questions_to_compare as
select question_key, need_hash from cache.questions semi join changed_needs using (need_hash)
qualify count(*) over (partition by need_hash) > 1;
delete from cache.question_relations where need_hash in (select need_hash from changed_needs)
