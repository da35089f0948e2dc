-- Pairs of answers that may be near copies and have to be compared: those whose phrases find each other, where either is
-- new, and those under one question of which something is new. Takes fresh, gone and new_to_question.
create or replace temp table fresh_phrases as
select answer_hash, unnest(phrases) as phrase, generate_subscripts(phrases, 1) as rank
from kept.answers semi join fresh using (answer_hash);
create or replace temp table phrase_spread as
select phrase, count(*) as answers
from (select unnest(phrases) as phrase from kept.answers)
semi join (
    select phrase from fresh_phrases union select unnest(phrases) from gone
) using (phrase)
group by phrase having count(*) > 1;
-- Phrases that were too common until answers left, and are not any more.
create or replace temp table rarer as
with lost as (select unnest(phrases) as phrase, count(*) as answers from gone group by phrase),
won as (select phrase, count(*) as answers from fresh_phrases group by phrase)
select phrase from lost join phrase_spread s using (phrase) left join won using (phrase)
where s.answers <= getvariable('common')
    and s.answers + lost.answers - coalesce(won.answers, 0) > getvariable('common');
create or replace temp table found as
with rare as (select phrase from phrase_spread where answers <= getvariable('common')),
posted as (
    select answer_hash, phrase, rank
    from (
        select answer_hash, unnest(phrases) as phrase, generate_subscripts(phrases, 1) as rank from kept.answers
    ) semi join rare using (phrase)
),
old as (from posted anti join fresh using (answer_hash)),
asking as (from fresh_phrases semi join rare using (phrase) where rank <= getvariable('asking')),
met as (
    select x.answer_hash as one, y.answer_hash as other from asking x join posted y using (phrase)
    union all
    select x.answer_hash, y.answer_hash
    from old x join (from fresh_phrases semi join rare using (phrase)) y using (phrase)
    where x.rank <= getvariable('asking')
),
often as (
    select least(one, other) as a_hash, greatest(one, other) as b_hash, count(*) as met
    from met where one <> other
    group by all having count(*) >= getvariable('met_if_short')
)
select a_hash, b_hash
from often join kept.answers a on a.answer_hash = a_hash join kept.answers b on b.answer_hash = b_hash
where met >= if(least(a.words, b.words) <= getvariable('short_words'), getvariable('met_if_short'), getvariable('met'))
union
select least(x.answer_hash, y.answer_hash), greatest(x.answer_hash, y.answer_hash)
from posted x semi join rarer using (phrase) join posted y using (phrase)
where x.rank <= getvariable('asking') and x.answer_hash <> y.answer_hash;
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
-- What the pairs have in common; `met` are the phrases by which they find each other.
create or replace temp table to_compare as
with involved as materialized (
    select answer_hash, words, phrases from kept.answers
    where answer_hash in (select a_hash from candidate_pairs union select b_hash from candidate_pairs)
)
select a_hash, b_hash,
    list_intersect(a.phrases[:getvariable('asking')], b.phrases)
        || list_intersect(b.phrases[:getvariable('asking')], a.phrases) as met,
    if(least(a.words, b.words) <= getvariable('short_words'), getvariable('met_if_short'), getvariable('met')) as needed
from candidate_pairs join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
where least(a.words, b.words) <= getvariable('short_words')
    or phrases_alike(a.phrases, b.phrases) >= getvariable('alike')
