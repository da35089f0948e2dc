-- The id of what each question asks, where a model has grouped them. Takes stands (question_key, stands_key: of the
-- question that stands for its group).
create or replace temp table question_groups as
select q.question_hash, coalesce(s.question_id, q.question_id) as question_id
from kept.questions q
left join stands using (question_key)
left join kept.questions s on s.question_key = stands_key
