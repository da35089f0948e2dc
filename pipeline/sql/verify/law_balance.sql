-- Law 6: stages of the last run whose rows do not add up.
select 'rows in, kept and dropped do not add up' as fault, stage.stage as id
from (select unnest(stages) as stage from runs order by started_at desc)
where stage.rows_in <> stage.kept + stage.dropped
