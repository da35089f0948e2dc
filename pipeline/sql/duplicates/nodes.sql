-- What pairs are listed between, and where they may read otherwise than they did. A node is what a pair speaks of: the
-- copies of one content in one row, or an orphan; groups of nodes share an answer or a question, and two groups are tied
-- where their texts relate. Takes contents, seated, orphans_seated, related, asked (pairs of questions), said (a_key,
-- b_key, reviewer, is_same, how: what reviewers decided on content keys), and kept.nodes and kept.ties as they were.
-- `look` is a hash of all that pairs say of a node, or of a tie.
create or replace temp table named_contents as
with keys as (select a_key as content_key from said union select b_key from said)
select content_key, content, null as leftover_id
from kept.contents k semi join keys using (content_key)
join contents c on c.question_hash = k.question_hash and c.answer_hash is not distinct from k.answer_hash
union all
select content_key, null, leftover_id from kept.orphans semi join keys using (content_key);
create or replace temp table nodes as
with told_of as (
    select content, leftover_id, bit_xor(hash(s.rowid, a_key, b_key, reviewer, is_same, how)) as told
    from said s join named_contents on content_key in (a_key, b_key)
    group by content, leftover_id
),
every as (
    select arg_min(occurrence_id, (is_truncated, occurrence_id)) as id, content, row, count(*) as copies,
        bit_xor(hash(occurrence_id)) as members, false as is_orphan, any_value(is_answered) as is_answered,
        any_value(if(length > 0, answer_hash, null)) as answer_hash,
        any_value(if(has_words, question_hash, null)) as question_hash, coalesce(any_value(length), 0) as length
    from seated group by content, row
    union all
    select leftover_id, null, row, 1, 0, true, true, answer_hash, null, length from orphans_seated
)
select row_number() over () as node, n.*, false as is_touched,
    hash(n.id, n.is_orphan, n.is_answered, n.answer_hash, n.question_hash, n.copies, n.members, n.length,
        r.question_hash, r.answer_hash, coalesce(c.told, o.told)) as look
from every n left join contents r on r.content = n.row
left join told_of c on c.content = n.content
left join told_of o on o.leftover_id = n.id;
create or replace temp table groups as
select is_question, hash, count(*) as size
from (
    select false as is_question, answer_hash as hash from nodes where answer_hash is not null
    union all
    select true, question_hash from nodes where question_hash is not null
)
group by is_question, hash;
-- Two groups have too many members for every pair when both together have.
create or replace temp table tied as
select row_number() over () as tie, t.*, x.size + y.size > getvariable('largest_group') as is_star
from (
    select false as is_question, a_hash, b_hash, kind, score, reason from related
    union all
    select true, a_hash, b_hash, kind, score, reason from asked
) t
join groups x on x.is_question = t.is_question and x.hash = a_hash
join groups y on y.is_question = t.is_question and y.hash = b_hash;
-- The canonical one of a group, with which the others are paired then: answered, of most copies, with the longest
-- answer, the first id.
create or replace temp table stars as
with starred as (
    select is_question, hash from groups where size > getvariable('largest_group')
    union
    select is_question, unnest([a_hash, b_hash]) from tied where is_star
)
select g.is_question, g.hash, any_value(g.size) as size,
    arg_min(node, (is_orphan, not is_answered, -copies, -length, id)) as canonical
from groups g semi join starred using (is_question, hash)
join nodes n on g.hash = if(g.is_question, n.question_hash, n.answer_hash)
group by g.is_question, g.hash;
create or replace temp table ties as
with ends as (select s.is_question, hash, size, id from stars s join nodes on node = canonical)
select t.is_question, a_hash as hash,
    hash(t.is_question, a_hash, b_hash, kind, score, reason, is_star, x.id, y.id) as look
from tied t
left join ends x on is_star and x.is_question = t.is_question and x.hash = a_hash
left join ends y on is_star and y.is_question = t.is_question and y.hash = b_hash
union all
select is_question, hash, hash(is_question, hash, id) from ends where size > getvariable('largest_group');
-- Every pair that may read otherwise has one of these at one end.
create or replace temp table touched as
with hashes as (
    select is_question, hash from ties anti join kept.ties using (look)
    union
    select is_question, hash from kept.ties anti join ties using (look)
)
select id from nodes anti join kept.nodes using (look)
union
select id from kept.nodes anti join nodes using (look)
union
select id from nodes where answer_hash in (select hash from hashes where not is_question)
    or question_hash in (select hash from hashes where is_question);
update nodes set is_touched = true where id in (from touched);
delete from kept.nodes where look not in (select look from nodes);
insert into kept.nodes select id, look from nodes anti join kept.nodes using (look);
delete from kept.ties where look not in (select look from ties);
insert into kept.ties from ties anti join kept.ties using (look)
