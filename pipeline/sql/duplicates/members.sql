-- Which row of qa each occurrence belongs to, and each orphan answer that joins one.
create or replace temp table members as
select occurrence_id, canonical_occurrence_id, question_id, qa_id from seated join qa_ids using (row);
create or replace temp table orphans_joined as
select leftover_id, canonical_occurrence_id, qa_id from orphans_seated join qa_ids using (row)
