-- grain: one row per question, by question_hash
-- reads: cache.questions, related_questions, model_groups
-- makes: question_relations, question_groups
-- question_relations: pairs of related questions. question_groups: question_id, the id of what each question asks. That
-- is the id of the shortest question that asks the same, then of the first one by the alphabet. model_groups
-- (question_key, representative_key) is empty without a model; with one it holds every question that is not alone.
create or replace temp table question_relations as
select md5_number_lower(a_key) as a_hash, md5_number_lower(b_key) as b_hash, kind, score, reason from related_questions;
create or replace temp table question_groups as
select q.question_hash, coalesce(r.question_id, first_value(q.question_id) over (
    partition by coalesce(q.meaning_hash, q.question_id) order by length(q.question_key), q.question_key
)) as question_id
from cache.questions q
left join model_groups m on m.question_key = q.question_key
left join cache.questions r on r.question_key = m.representative_key
