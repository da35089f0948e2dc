-- Forget questions that are not asked any more; questions_anew: those that are new. Takes occurrences and places.
create or replace temp table needs_gone as
select distinct need_hash from kept.questions anti join places using (question_hash) where need_hash is not null;
delete from kept.questions where question_hash not in (select question_hash from places);
create or replace temp table questions_anew as
select question_hash, any_value(question_key) as question_key
from places join occurrences using (occurrence_id)
where question_hash not in (select question_hash from kept.questions)
group by question_hash
