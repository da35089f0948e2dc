-- grain: one row per question of a group in which reviewers decided that two questions are different
-- reads: verdicts, decided_contents, contents, question_ids, needs, members_of_needs, cache.questions
-- makes: decided_questions, questions_to_part
-- decided_questions: pairs of questions that share a question_id and that reviewers decided on. Where some of their
-- answers are the same by a decision, the questions are one: they share a row of qa. questions_to_part: the shortest
-- question of a group first, then by the alphabet; need_hash: of the question itself, shared_hash: of those that are the
-- same because what they leave out goes without saying.
create or replace temp table decided_questions as
with named as (
    select content_key, question_hash, question_id
    from decided_contents join contents using (content) join question_ids using (question_hash)
)
select least(x.question_hash, y.question_hash) as a, greatest(x.question_hash, y.question_hash) as b,
    any_value(x.question_id) as question_id, bool_or(is_same) as is_same
from verdicts join named x on x.content_key = a_key join named y on y.content_key = b_key
where x.question_id = y.question_id and x.question_hash <> y.question_hash
group by a, b;
create or replace temp table questions_to_part as
select g.question_id as group_id, question_hash, q.question_id, n.need_hash, m.need_hash as shared_hash
from question_ids g join cache.questions q using (question_hash)
left join needs n using (question_hash) left join members_of_needs m using (question_hash)
where g.question_id in (select question_id from decided_questions where not is_same)
order by group_id, length(q.question_key), q.question_key
