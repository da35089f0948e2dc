-- One row of line_keys for each file and line: a file taken in by portions gave one for each portion.
create or replace temp table several as
    select uri, line_key, sum(documents)::bigint as documents
    from line_keys
    group by uri, line_key
    having count(*) > 1;
delete from line_keys where (uri, line_key) in (select (uri, line_key) from several);
insert into line_keys by name select * from several;
drop table several;
