-- Unanswered contents that reviewers decided on, each with the answered ones under its question.
select u.content, a.content
from contents u
join kept.contents k on k.question_hash = u.question_hash and k.answer_hash is not distinct from u.answer_hash
semi join named using (content_key)
join contents a on a.question_hash = u.question_hash and a.is_answered
where not u.is_answered
