-- grain: one row per content or orphan that a reviewer's decision names
-- reads: decided_keys, contents, cache.contents, cache.older_keys, cache.orphans
-- makes: decided_contents, decided_unanswered_pairs
-- decided_contents: content_key, and content or leftover_id. decided_unanswered_pairs: unanswered contents that decisions name,
-- each with the answered contents of its question. Takes decided_keys (content_key). A key that no content has now may be
-- an older one; it names the only content that had it, and none if contents share it that are different now.
create or replace temp table decided_contents as
with by_older_key as (
    select older_key as content_key, any_value(question_hash) as question_hash, any_value(answer_hash) as answer_hash
    from (select unnest(older_keys) as older_key, question_hash, answer_hash from cache.older_keys)
    where older_key in (from decided_keys) and older_key not in (select content_key from cache.contents)
    group by older_key having count(*) = 1
),
named as (
    select content_key, question_hash, answer_hash from cache.contents semi join decided_keys using (content_key)
    union all
    from by_older_key
)
select content_key, content, null as leftover_id
from named k
join contents c on c.question_hash = k.question_hash and c.answer_hash is not distinct from k.answer_hash
union all
select content_key, null, leftover_id from cache.orphans semi join decided_keys using (content_key) where answer_key <> '';
create or replace temp table decided_unanswered_pairs as
select u.content as unanswered, a.content as answered
from contents u join decided_contents using (content)
join contents a on a.question_hash = u.question_hash and a.is_answered
where not u.is_answered
