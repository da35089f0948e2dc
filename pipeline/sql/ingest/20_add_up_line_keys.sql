-- grain: one row per file and line
-- reads: line_keys
-- makes: line_keys
-- Adds up the rows of a file that was read in several batches: each batch gave a row for the line.
create or replace temp table repeated as
    select uri, line_key, sum(documents)::bigint as documents
    from line_keys
    group by uri, line_key
    having count(*) > 1;
delete from line_keys where (uri, line_key) in (select (uri, line_key) from repeated);
insert into line_keys by name select * from repeated;
drop table repeated;
