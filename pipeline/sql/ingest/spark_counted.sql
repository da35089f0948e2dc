-- What the tasks of a cluster say of themselves, added up: files and stretches, rows by table, seconds
-- by stage. Takes $parts, the Parquet files.
select counted.what, sum(counted.value) from read_parquet($parts) group by all order by all
