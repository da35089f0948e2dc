-- By which phrases the near copies that were found find each other. Takes to_compare.
insert into kept.met
with found as (
    from to_compare semi join (from kept.relations where kind in ('near_pair', 'near_conflict')) using (a_hash, b_hash)
),
involved as materialized (
    select answer_hash, words, phrases from kept.answers
    where answer_hash in (select a_hash from found union select b_hash from found)
)
select a_hash, b_hash,
    if(least(a.words, b.words) <= getvariable('short_words'), getvariable('met_if_short'), getvariable('met')) as needed,
    unnest(
        list_intersect(a.phrases[:getvariable('asking')], b.phrases)
            || list_intersect(b.phrases[:getvariable('asking')], a.phrases)
    ) as phrase
from found join involved a on a.answer_hash = a_hash join involved b on b.answer_hash = b_hash
