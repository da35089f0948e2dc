-- grain: one row per stage of a run that breaks law 6
-- reads: runs
-- answers: in which stages rows in are not rows kept and rows dropped
select 'rows in, kept and dropped do not add up' as fault, run_id || ' ' || stage.stage as id
from (select run_id, unnest(stages) as stage from runs)
where stage.rows_in <> stage.kept + stage.dropped
order by id
