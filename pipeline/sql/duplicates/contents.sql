-- Distinct questions and answers by number, answered ones first, each with the occurrence that stands for its copies.
-- Takes places and related. linked: those under one question whose answers relate, so that they may become one row.
create or replace temp table contents as
select row_number() over (order by is_answered desc, question_hash, answer_hash) - 1 as content, c.*
from (
    select question_hash, answer_hash, is_answered, has_words, any_value(length) as length, count(*) as copies,
        arg_min(occurrence_id, (is_truncated, occurrence_id)) as id
    from places
    group by question_hash, answer_hash, is_answered, has_words
) c;
create or replace temp table linked as
select least(x.content, y.content) as a, greatest(x.content, y.content) as b, kind, score,
    case inner_hash when x.answer_hash then x.content when y.answer_hash then y.content else -1 end as inner,
    case inner_hash when x.answer_hash then y.copies when y.answer_hash then x.copies end as copies,
    case inner_hash when x.answer_hash then y.length when y.answer_hash then x.length end as length
from related
join contents x on x.answer_hash = a_hash
join contents y on y.answer_hash = b_hash and y.question_hash = x.question_hash
where kind in ('near_pair', 'near_conflict', 'answer_contained');
delete from kept.contents
where (question_hash, coalesce(answer_hash, 0)) not in (select (question_hash, coalesce(answer_hash, 0)) from contents);
