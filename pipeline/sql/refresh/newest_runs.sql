-- The newest $keep runs.
create or replace temp table newest_runs as
select * from runs order by started_at desc, run_id desc limit $keep
