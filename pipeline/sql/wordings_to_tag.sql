-- Wordings without tags. Takes wordings.
create or replace temp table to_tag as
select qa_id, question, answer from wordings where not is_published order by qa_id
