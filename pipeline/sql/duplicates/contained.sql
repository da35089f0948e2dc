-- Which answers stand whole in longer ones, where either is new. Takes fresh, fresh_runs, spread,
-- one_question, and kept.answers with their signatures.
-- Candidates share the rarest run of the shorter one; the texts themselves decide.
-- An anchor may have become common since it was chosen: these answers choose again.
create or replace temp table crowded as
select answer_hash from kept.anchors where answers > getvariable('looked_at')
union
select answer_hash from kept.boilerplate semi join kept.answers using (answer_hash);
create or replace temp view choosing as
select answer_hash, half_run, unnest(runs) as run from kept.answers
where answer_hash in (from crowded union select answer_hash from fresh);
insert into spread
select run, count(*)
from (select unnest(runs) as run from kept.answers)
semi join (from choosing semi join crowded using (answer_hash) anti join spread using (run)) using (run)
group by run having count(*) > 1;
delete from kept.anchors where answer_hash in (from crowded);
-- The runs pass by the table of those that are shared, not the other way round, as DuckDB would have it: it takes every
-- answer for one run. At 1 GB 8.5 s instead of 21.
set disabled_optimizers = 'build_side_probe_side';
insert into kept.anchors
select answer_hash, best.run, best.answers
from (
    select answer_hash, min({
        'is_half': run is not distinct from half_run, 'answers': coalesce(answers, 1), 'run': run
    }) as best
    from choosing left join spread using (run)
    group by answer_hash
);
reset disabled_optimizers;
create or replace temp table boilerplate as
select answer_hash from kept.anchors where answers > getvariable('looked_at');
-- Looked for in every text that has their anchor: new ones, and what is boilerplate no more.
create or replace temp table sought as
select answer_hash from fresh anti join boilerplate using (answer_hash)
union
select answer_hash from kept.boilerplate semi join kept.answers using (answer_hash)
anti join boilerplate using (answer_hash);
create or replace temp table candidates as
with wanted as (
    from kept.anchors where answer_hash in (from sought union all from boilerplate)
),
having_run as materialized (
    select answer_hash as outer_hash, run from (select answer_hash, unnest(runs) as run from kept.answers)
    semi join wanted using (run)
),
in_any as (
    select answer_hash as inner_hash, outer_hash from wanted semi join sought using (answer_hash)
    join having_run using (run)
),
in_fresh as (
    select a.answer_hash as inner_hash, f.answer_hash as outer_hash
    from kept.anchors a anti join boilerplate using (answer_hash) anti join sought using (answer_hash)
    join fresh_runs f using (run)
),
in_longest as (
    select b.answer_hash as inner_hash, outer_hash
    from boilerplate b join wanted using (answer_hash) join kept.answers i using (answer_hash)
    join having_run using (run) join kept.answers o on o.answer_hash = outer_hash
    where o.length > i.length
    qualify row_number() over (partition by b.answer_hash order by o.length desc, outer_hash)
        <= getvariable('looked_at')
),
under_one_question as (
    select if(a.answer_hash is null, b_hash, a_hash), if(a.answer_hash is null, a_hash, b_hash)
    from one_question left join boilerplate a on a.answer_hash = a_hash left join boilerplate b on b.answer_hash = b_hash
    where a.answer_hash is not null or b.answer_hash is not null
)
select inner_hash, outer_hash, i.is_cut, i.words as inner_words, o.words as outer_words
from (from in_any union from in_fresh union from in_longest union from under_one_question)
join kept.answers i on i.answer_hash = inner_hash
join kept.answers o on o.answer_hash = outer_hash
where o.length > i.length;
delete from kept.relations
where kind = 'answer_contained' and inner_hash in (
    select answer_hash from boilerplate union all select answer_hash from sought
);
insert into kept.relations
with placed as (
    select c.*, i.answer_key as inner_key, o.answer_key as outer_key,
        case when starts_with(o.answer_key, i.answer_key || ' ') then 'beginning'
             when ends_with(o.answer_key, ' ' || i.answer_key) then 'end'
             when contains(o.answer_key, ' ' || i.answer_key || ' ') then 'middle' end as position,
        case when not c.is_cut then null
             when starts_with(o.answer_key, i.answer_key) then 'beginning'
             when contains(o.answer_key, ' ' || i.answer_key) then 'middle' end as position_if_cut
    from candidates c join texts i on i.answer_hash = inner_hash join texts o on o.answer_hash = outer_hash
)
select least(inner_hash, outer_hash), greatest(inner_hash, outer_hash), 'answer_contained',
    0.9 + 0.1 * inner_words / outer_words,
    format('The shorter answer ({} words) is the {} of the longer one ({} words){}', inner_words,
        coalesce(position, position_if_cut), outer_words,
        if(position is null, ', but for its last word, which is cut off.', '.')),
    inner_hash
from placed
where coalesce(position, position_if_cut) is not null;
create or replace table kept.boilerplate as from boilerplate;
drop table candidates;
