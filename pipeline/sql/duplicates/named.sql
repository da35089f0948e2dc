-- The number of each content that reviewers decided on. Takes named (content_key).
select content_key, max(content)
from kept.contents k semi join named using (content_key)
join contents c on c.question_hash = k.question_hash and c.answer_hash is not distinct from k.answer_hash
group by content_key
