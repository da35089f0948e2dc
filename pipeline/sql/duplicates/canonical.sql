-- The wording that stands for each row: answered, preferred by a reviewer, the longest answer, not cut off, first id.
-- And the row each orphan joins: a reviewer's, else the one whose answer it repeats best (equal, contained, most
-- occurrences, first id). Takes seated, preferred (row, content, preference), related, and what reviewers said.
create or replace temp table canonical as
select row, arg_min(occurrence_id, (
    not is_answered, -coalesce(preference, 0), -coalesce(length, -1), is_truncated, occurrence_id
)) as canonical_occurrence_id
from seated left join preferred using (row, content)
group by row;
create or replace temp table orphans_seated as
with wanted as (
    select distinct md5_number_lower(answer_key) as answer_hash, content_key from kept.orphans where answer_key <> ''
),
repeats as (
    select a_hash as answer_hash, b_hash as other, 1 as how from related
    where kind in ('answer_contained', 'orphan_matches_answer')
    union all
    select b_hash, a_hash, 1 from related where kind in ('answer_contained', 'orphan_matches_answer')
    union all
    select answer_hash, answer_hash, 0 from wanted
),
rows as (select distinct content, row from seated where is_answered),
best as (
    select w.answer_hash, arg_min(row, (how, -r.copies, c.id)) as row
    from wanted w
    join repeats using (answer_hash)
    join contents c on c.answer_hash = other
    join rows using (content)
    join answered_rows r using (row)
    anti join barred_orphans b on b.content_key = w.content_key and b.content = c.content
    group by w.answer_hash
)
select leftover_id, md5_number_lower(answer_key) as answer_hash, length(answer_key) as length,
    coalesce(d.row, b.row) as row
from kept.orphans
left join best b on b.answer_hash = md5_number_lower(answer_key)
left join (
    select content_key, min(row) as row from decided_orphans join seated using (content) group by content_key
) d using (content_key)
where answer_key <> ''
