-- Content keys that reviewers named and that a content or an orphan has now.
select content_key from named
where content_key in (
    select content_key from kept.contents k join contents c
    on c.question_hash = k.question_hash and c.answer_hash is not distinct from k.answer_hash
    union all
    select content_key from kept.orphans where answer_key <> ''
)
