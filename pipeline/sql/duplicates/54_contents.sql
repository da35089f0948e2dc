-- grain: one row per content: a distinct question and answer, or a question without an answer
-- reads: occurrences, cache.occurrence_hashes, answer_relations, answers_to_question, cache.contents
-- makes: contents, content_links, contents_to_name, cache.contents
-- Contents by number, answered ones first, each with the occurrence that represents its copies. members: a hash of all
-- copies.
create or replace temp table contents as
select row_number() over (order by is_answered desc, question_hash, answer_hash) - 1 as content, c.*
from (
    select question_hash, answer_hash, is_answered, has_words, any_value(length) as length, count(*) as copies,
        bit_xor(hash(occurrence_id)) as members, arg_min(occurrence_id, (is_truncated, occurrence_id)) as id
    from cache.occurrence_hashes
    group by question_hash, answer_hash, is_answered, has_words
) c;
-- Contents of one question that may become one row of qa (must-link), or must not (cannot-link). inner: the content
-- whose answer is a part of the other, or -1; copies and length are those of the other one. is_crowded: the question
-- has too many answers for each to have been compared with each.
create or replace temp table content_links as
select least(x.content, y.content) as a, greatest(x.content, y.content) as b, kind, score,
    case inner_hash when x.answer_hash then x.content when y.answer_hash then y.content else -1 end as inner,
    case inner_hash when x.answer_hash then y.copies when y.answer_hash then x.copies end as copies,
    case inner_hash when x.answer_hash then y.length when y.answer_hash then x.length end as length,
    coalesce(q.answers > getvariable('largest_group'), true) as is_crowded
from answer_relations
join contents x on x.answer_hash = a_hash
join contents y on y.answer_hash = b_hash and y.question_hash = x.question_hash
left join answers_to_question q on q.question_hash = x.question_hash and q.answer_hash = x.answer_hash
where x.has_words and (may_merge or kind = 'near_conflict');
delete from cache.contents
where (question_hash, coalesce(answer_hash, 0)) not in (select (question_hash, coalesce(answer_hash, 0)) from contents);
-- Contents that have no qa_id yet. Their texts are read by number of row, as in `08_sync_cache_with_answers.sql`.
create or replace temp table contents_to_name as
with nameless as materialized (
    select question_hash, answer_hash, id from contents c
    where not exists (
        select 1 from cache.contents k
        where k.question_hash = c.question_hash and k.answer_hash is not distinct from c.answer_hash
    )
),
found as materialized (
    select question_hash, answer_hash, occurrences.rowid as row from nameless join occurrences on occurrence_id = id
)
select question_hash, answer_hash, question_key, if(is_answered, answer_key, null) as answer_key
from found join occurrences on occurrences.rowid = row
