-- The row of each occurrence, a number, and of each orphan answer; and which occurrence's wording stands for the row.
-- Takes contents, led (content, leader: the first content it is one with), and what reviewers said: barred (content,
-- row).
create or replace temp table placed as
select p.*, content, coalesce(leader, content) as row
from places p
join contents c on c.question_hash = p.question_hash and c.answer_hash is not distinct from p.answer_hash
left join led using (content);
create or replace temp table answered_rows as
select row, count(*) as copies, max(length) as length, min(occurrence_id) as first
from placed where is_answered group by row;
-- Rows that an unanswered question may join: an answered one of its document, else any, the most frequent first, then
-- the longest answer, then the first id (contract, law 3).
create or replace temp table offers as
with homeless as (
    select distinct content, question_hash from placed where not is_answered and row not in (select row from answered_rows)
)
select distinct h.content, p.document_id, p.row, (-copies, -r.length, r.first) as turn
from homeless h
join placed p on p.question_hash = h.question_hash and p.is_answered
join answered_rows r on r.row = p.row
anti join barred b on b.content = h.content and b.row = p.row;
create or replace temp table seated as
with at_home as (select content, document_id, arg_min(row, turn) as row from offers group by content, document_id),
elsewhere as (select content, arg_min(row, turn) as row from offers group by content)
select p.* exclude (row), if(p.is_answered, p.row, coalesce(h.row, e.row, p.row)) as row
from placed p
left join at_home h on h.content = p.content and h.document_id = p.document_id
left join elsewhere e on e.content = p.content
