-- The runs of new answers. Takes fresh, gone and kept.answers; brings the counts of kept.anchors up to date.
create or replace temp view fresh_runs as
select answer_hash, unnest(runs) as run from kept.answers semi join fresh using (answer_hash);
create or replace temp table run_changes as
select run, sum(change) as change
from (
    select run, 1 as change from fresh_runs
    union all
    select unnest(runs), -1 from gone
) semi join kept.anchors using (run)
group by run;
update kept.anchors set answers = answers + change
from run_changes c where c.run = kept.anchors.run and change <> 0
