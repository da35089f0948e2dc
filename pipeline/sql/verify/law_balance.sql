-- grain: one row per stage of the last run that breaks law 6
-- reads: runs
-- answers: in which stages rows in are not rows kept and rows dropped
select 'rows in, kept and dropped do not add up' as fault, stage.stage as id
from (select unnest(stages) as stage from runs order by started_at desc)
where stage.rows_in <> stage.kept + stage.dropped
