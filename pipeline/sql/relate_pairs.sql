-- The pairs that table duplicates lists, and which of them are others than those listed before. A node is what a pair speaks of: the copies of one content in one row, or an
-- orphan; numbered by prominence: answered ones first, most copies, longest answer, first id.
-- Takes contents, seated, orphans_seated, related, asked (pairs of questions), said (a_key, b_key, reviewer, is_same, how: what
-- reviewers decided on content keys) and kept.listed. A pair is named by a hash of its two ids, and `look` is a hash of
-- all that its row says.
create or replace temp table nodes as
select row_number() over (order by is_orphan, not is_answered, copies desc, length desc, id) as node, n.*
from (
    select arg_min(occurrence_id, (is_truncated, occurrence_id)) as id, content, row, count(*) as copies,
        false as is_orphan, is_answered, if(length > 0, answer_hash, null) as answer_hash,
        if(has_words, question_hash, null) as question_hash, coalesce(length, 0) as length
    from seated
    group by content, row, is_answered, answer_hash, question_hash, has_words, length
    union all
    select leftover_id, null, row, 1, true, true, answer_hash, null, length from orphans_seated
) n;
create or replace temp table answer_groups as
select answer_hash, count(*) as size, min(node) as canonical from nodes where answer_hash is not null group by answer_hash;
create or replace temp table question_groups_of_nodes as
select question_hash, count(*) as size, min(node) as canonical
from nodes where question_hash is not null group by question_hash;
-- Relations laid over the nodes: one, other, the relation's number, and whether there are too many for every pair.
create or replace temp table numbered as
select row_number() over () as relation, r.*, hash(kind, score, reason) as look, x.size + y.size > getvariable('largest_group') as is_star,
    x.canonical as a_canonical, y.canonical as b_canonical
from related r join answer_groups x on x.answer_hash = a_hash join answer_groups y on y.answer_hash = b_hash;
create or replace temp table lifted as
select x.node as one, y.node as other, relation, false as is_star
from numbered join nodes x on x.answer_hash = a_hash join nodes y on y.answer_hash = b_hash
where not is_star
union all
select x.node, y.node, relation, false
from numbered join nodes x on x.answer_hash = a_hash
join nodes y on y.answer_hash = b_hash and y.question_hash = x.question_hash
where is_star and kind <> 'answer_overlap'
union all
select a_canonical, node, relation, true from numbered join nodes on answer_hash = b_hash where is_star
union all
select node, b_canonical, relation, true from numbered join nodes on answer_hash = a_hash where is_star;
create or replace temp table same_answer as
select x.node as one, y.node as other, false as is_star
from nodes x semi join (from answer_groups where size <= getvariable('largest_group')) using (answer_hash)
join nodes y on y.answer_hash = x.answer_hash and y.node > x.node
union all
select canonical, node, true from answer_groups g join nodes n using (answer_hash)
where size > getvariable('largest_group') and node <> canonical;
create or replace temp table same_question as
select x.node as one, y.node as other, false as is_star
from nodes x semi join (from question_groups_of_nodes where size <= getvariable('largest_group')) using (question_hash)
join nodes y on y.question_hash = x.question_hash and y.node > x.node
where x.is_answered
union all
select canonical, node, true from question_groups_of_nodes g join nodes n using (question_hash)
where size > getvariable('largest_group') and node <> canonical
    and (n.is_answered or canonical in (select node from nodes where is_answered));
create or replace temp table named_nodes as
select content_key, nodes.* from nodes
join contents c using (content)
join kept.contents k on k.question_hash = c.question_hash and k.answer_hash is not distinct from c.answer_hash
where content_key in (select a_key from said union select b_key from said)
union all
select content_key, nodes.* from nodes join kept.orphans on leftover_id = id
where content_key in (select a_key from said union select b_key from said);
create or replace temp table decided as
select least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, arg_min(reviewer, turn) as reviewer,
    arg_min(is_same, turn) as is_same, arg_min(how, turn) as how, hash(one_id, other_id) as pair,
    any_value(x.is_orphan or y.is_orphan) as has_orphan,
    any_value(coalesce(x.question_hash = y.question_hash, false)) as same_question,
    any_value(coalesce(x.row = y.row, false)) as is_one_row
from (select *, rowid as turn from said)
join named_nodes x on x.content_key = a_key join named_nodes y on y.content_key = b_key
where x.id <> y.id
group by least(x.id, y.id), greatest(x.id, y.id);
-- At most one answer kind for each pair, the first that fits: near ones, one answer, one question, overlaps. `told` is
-- the turn of the kind, whether it is a star's, and the relation, as one number, so that the smallest is the first.
create or replace temp table told as
with every as (
    select least(one, other) as one, greatest(one, other) as other,
        if(kind = 'answer_overlap', 4, 1) as turn, is_star, relation, kind
    from lifted join (select relation, kind from numbered) using (relation)
    union all
    select one, other, 2, is_star, 0, 'same_answer_different_question' from same_answer
    union all
    select one, other, 3, is_star, 0, 'same_question_different_answer' from same_question
),
allowed as (
    from every join nodes x on x.node = one join nodes y on y.node = other
    select one, other, (turn * 2 + is_star::int) * 1000000000000 + relation as told
    where not (x.is_orphan and y.is_orphan)
        and (x.is_orphan or y.is_orphan or kind <> 'orphan_matches_answer')
),
first_told as (select one, other, min(told) as told from allowed group by one, other),
opened as (
    select one, other, told // 1000000000000 // 2 as turn, told // 1000000000000 % 2 = 1 as is_star,
        told % 1000000000000 as relation, least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id,
        x.is_orphan or y.is_orphan as has_orphan, x.is_answered and y.is_answered as both_answered,
        coalesce(x.question_hash = y.question_hash, false) as same_question, coalesce(x.row = y.row, false) as is_one_row
    from first_told join nodes x on x.node = one join nodes y on y.node = other
)
select o.* exclude (one, other, one_id, other_id), o.one_id, o.other_id, hash(o.one_id, o.other_id) as pair,
    hash(turn, is_star, coalesce(n.look, 0), o.has_orphan, both_answered, o.same_question, o.is_one_row,
        coalesce(d.reviewer, 'rule')) as look
from opened o left join (select relation, look from numbered) n using (relation)
left join decided d on d.one_id = o.one_id and d.other_id = o.other_id;
create or replace temp table question_pairs as
with sized as (
    select a.*, x.size + y.size > getvariable('largest_group') as is_star, x.canonical as a_canonical,
        y.canonical as b_canonical
    from asked a
    join question_groups_of_nodes x on x.question_hash = a_hash
    join question_groups_of_nodes y on y.question_hash = b_hash
),
laid as (
    select x.node as one, y.node as other, kind, score, reason, false as is_star
    from sized join nodes x on x.question_hash = a_hash join nodes y on y.question_hash = b_hash
    where not is_star
    union
    select a_canonical, node, kind, score, reason, true from sized join nodes on question_hash = b_hash where is_star
    union
    select node, b_canonical, kind, score, reason, true from sized join nodes on question_hash = a_hash where is_star
)
select least(x.id, y.id) as one_id, greatest(x.id, y.id) as other_id, kind, score, reason, is_star,
    hash(one_id, other_id) as pair, hash(kind, score, reason, is_star) as look
from laid join nodes x on x.node = one join nodes y on y.node = other;
create or replace temp table copies as
select least(n.id, s.occurrence_id) as one_id, greatest(n.id, s.occurrence_id) as other_id, s.is_answered,
    hash(one_id, other_id) as pair, hash('copy', s.is_answered) as look
from seated s join nodes n on n.content = s.content and n.row = s.row
where s.occurrence_id <> n.id;
-- What reviewers called the same and no rule found.
create or replace temp table added as
select *, hash('added', reviewer, how, has_orphan, same_question, is_one_row) as look
from decided anti join told using (one_id, other_id)
where is_same;
create or replace temp table looks as
select pair, look from told
union all select pair, look from question_pairs
union all select pair, look from copies
union all select pair, look from added;
create or replace temp table pairs_changed as
select pair from looks anti join kept.listed using (pair, look)
union
select pair from kept.listed anti join looks using (pair, look)
