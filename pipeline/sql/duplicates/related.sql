-- How the answers there are now relate: related (a_hash < b_hash, kind, score, reason, inner_hash: the one that is a
-- part), each pair once, under the first kind that fits. Takes kept.relations, one_question, beginning_alike.
create or replace temp table contained as
with parts as (
    select r.*, if(inner_hash = a_hash, b_hash, a_hash) as outer_hash from kept.relations r
    where kind = 'answer_contained'
),
crowds as (
    select inner_hash, count(*) > getvariable('largest_group') as is_crowd,
        arg_min(outer_hash, (-o.length, outer_hash)) as longest
    from parts join kept.answers o on o.answer_hash = outer_hash
    group by inner_hash
)
select a_hash, b_hash, kind, score,
    reason || if(is_crowd, format(' It is a part of more than {} answers and listed with the longest one alone.',
        getvariable('largest_group')), '') as reason,
    inner_hash
from parts join crowds using (inner_hash)
where not is_crowd or outer_hash = longest or (a_hash, b_hash) in (from one_question);
create or replace temp table repeated as
select r.* from kept.relations r semi join beginning_alike using (a_hash, b_hash)
anti join contained using (a_hash, b_hash)
where kind = 'orphan_matches_answer';
-- A near copy under another question counts while both can be found by what only few answers say.
create or replace temp table near as
with meeting as (from kept.met anti join one_question using (a_hash, b_hash)),
too_common as (
    select phrase from (select unnest(phrases) as phrase from kept.answers)
    semi join meeting using (phrase)
    group by phrase having count(*) > getvariable('common')
),
sure as (
    select a_hash, b_hash from meeting anti join too_common using (phrase)
    group by a_hash, b_hash, needed having count(*) >= needed
    union all
    from one_question
)
select r.* from kept.relations r semi join sure using (a_hash, b_hash)
anti join contained using (a_hash, b_hash) anti join repeated using (a_hash, b_hash)
where kind in ('near_pair', 'near_conflict');
create or replace temp table overlapping as
with shared as (
    select sentence_hash from kept.sentences group by sentence_hash
    having count(*) between 2 and getvariable('common')
),
telling as materialized (from kept.sentences semi join shared using (sentence_hash)),
pairs as (
    select x.answer_hash as a_hash, y.answer_hash as b_hash, count(*) as sentences, sum(x.words) as shared,
        min(x.sentence) as sentence
    from telling x join telling y on y.sentence_hash = x.sentence_hash and y.answer_hash > x.answer_hash
    group by x.answer_hash, y.answer_hash
)
select a_hash, b_hash, 'answer_overlap' as kind, least(1.0, shared / least(a.words, b.words)) as score,
    format('The answers share {}: “{}”.', if(sentences = 1, 'a sentence', format('{} sentences', sentences)), sentence)
        as reason,
    null::ubigint as inner_hash
from pairs join kept.answers a on a.answer_hash = a_hash join kept.answers b on b.answer_hash = b_hash
anti join contained using (a_hash, b_hash) anti join repeated using (a_hash, b_hash)
anti join near using (a_hash, b_hash);
create or replace temp table related as
from contained union all from repeated union all from near union all from overlapping;
