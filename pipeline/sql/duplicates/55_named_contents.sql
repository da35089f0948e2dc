-- grain: one row per content or orphan that a reviewer's decision names
-- reads: decided_keys, contents, cache.contents, cache.orphans
-- makes: named_contents, named_unanswered
-- named_contents: content_key, and content or leftover_id. named_unanswered: unanswered contents that decisions name,
-- each with the answered contents of its question. Takes decided_keys (content_key).
create or replace temp table named_contents as
select content_key, content, null as leftover_id
from cache.contents k semi join decided_keys using (content_key)
join contents c on c.question_hash = k.question_hash and c.answer_hash is not distinct from k.answer_hash
union all
select content_key, null, leftover_id from cache.orphans semi join decided_keys using (content_key) where answer_key <> '';
create or replace temp table named_unanswered as
select u.content as unanswered, a.content as answered
from contents u join named_contents using (content)
join contents a on a.question_hash = u.question_hash and a.is_answered
where not u.is_answered
