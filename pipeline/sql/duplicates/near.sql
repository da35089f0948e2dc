-- Pairs of answers that may be near copies and have to be compared: those whose phrases find each other, where either is
-- new, and those under one question of which something is new. Takes fresh, phrase_spread, rarer and new_to_question.
-- What has a phrase that few have, by number: short answers first, so that the smaller number of a pair tells whether one
-- is short. A pair is one word then, and each pair is met once for a phrase, though both may ask by it: at 100 MB 8.8
-- million are counted for 15.4, in 2.5 s of processor time for 4.4.
create or replace temp table numbered as
select (row_number() over (order by words > getvariable('short_words')))::uinteger as number, answer_hash,
    answer_hash in (select answer_hash from fresh) as is_fresh
from kept.answers;
create or replace temp table posted as
select number, is_fresh, phrase, rank <= getvariable('asking') as asks
from (
    select answer_hash, unnest(phrases) as phrase, generate_subscripts(phrases, 1) as rank from kept.answers
)
semi join (from phrase_spread where answers <= getvariable('common')) using (phrase)
join numbered using (answer_hash);
set variable longer = (select count(*) from kept.answers where words <= getvariable('short_words'));
create or replace temp table found as
with often as (
    select x.number::ubigint * 4294967296 + y.number as pair, sum(x.asks::utinyint + y.asks::utinyint) as meetings
    from posted x join posted y using (phrase)
    where x.number < y.number and (x.asks or y.asks) and (x.is_fresh or y.is_fresh)
    group by pair
    having meetings >= getvariable('met')
        or pair // 4294967296 <= getvariable('longer') and meetings >= getvariable('met_if_short')
),
by_rarer as (
    select x.number::ubigint * 4294967296 + y.number as pair
    from posted x semi join rarer using (phrase) join posted y using (phrase)
    where x.number < y.number and (x.asks or y.asks)
)
select least(x.answer_hash, y.answer_hash) as a_hash, greatest(x.answer_hash, y.answer_hash) as b_hash
from (select pair from often union from by_rarer)
join numbered x on x.number = pair // 4294967296 join numbered y on y.number = pair % 4294967296;
drop table posted;
-- Of the pairs under one question, those that share a phrase, or of which one is short.
create or replace temp table sharing as
with posted as (
    select question_hash, answer_hash, answers, first, unnest(phrases) as phrase
    from answers_to join kept.answers using (answer_hash)
    where answer_hash in (select a_hash from new_to_question union select b_hash from new_to_question)
)
select x.answer_hash as a_hash, y.answer_hash as b_hash
from posted x join posted y using (question_hash, phrase)
where x.answers <= getvariable('largest_group') and y.answer_hash > x.answer_hash
union
select x.answer_hash, y.answer_hash
from (from posted where answer_hash = first and answers > getvariable('largest_group')) x
join posted y using (question_hash, phrase)
where y.answer_hash <> x.answer_hash
union
select a_hash, b_hash
from new_to_question join kept.answers a on a.answer_hash = a_hash join kept.answers b on b.answer_hash = b_hash
where least(a.words, b.words) <= getvariable('short_words');
create or replace temp table candidate_pairs as
select a_hash, b_hash from (from found union from new_to_question semi join sharing using (a_hash, b_hash))
where (a_hash, b_hash) not in (
    select (a_hash, b_hash) from kept.relations where kind in ('near_pair', 'near_conflict')
);
-- Those that have enough in common.
create or replace temp table to_compare as
with involved as materialized (
    select answer_hash, words, phrases from kept.answers
    where answer_hash in (select a_hash from candidate_pairs union select b_hash from candidate_pairs)
)
select a_hash, b_hash
from candidate_pairs join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
where least(a.words, b.words) <= getvariable('short_words')
    or phrases_alike(a.phrases, b.phrases) >= getvariable('alike');
drop table numbered;
drop table phrase_spread;
drop table sharing;
drop table candidate_pairs
