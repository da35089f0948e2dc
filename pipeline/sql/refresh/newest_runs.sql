-- grain: one row per run, the newest $keep of them
-- reads: runs
-- makes: newest_runs
create or replace temp table newest_runs as
select * from runs order by started_at desc, run_id desc limit $keep
