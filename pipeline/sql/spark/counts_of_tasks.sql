-- grain: one row per thing that the tasks of a cluster count: inputs, rows of a table, seconds of a stage
-- reads: the Parquet files $parts
-- answers: what is the sum over all tasks?
select counted.what, sum(counted.value) from read_parquet($parts) group by all order by all
