-- grain: one row, or none
-- reads: changes, runs
-- answers: the qa_id that replaced $id, which is no longer published, in the newest change that names it
select qa_id as successor from changes left join runs using (run_id)
where before is not null and json_extract_string(before, '$.qa_id') = $id and qa_id <> $id
order by started_at desc, change desc, qa_id desc
limit 1
