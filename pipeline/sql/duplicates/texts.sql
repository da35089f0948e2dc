-- Which texts there are now, which of them are new, and which are gone since signatures were kept.
-- Takes occurrences and kept.orphans. An answer is worded when its key has a word in it.
delete from kept.places where occurrence_id not in (select occurrence_id from occurrences);
create or replace temp table unplaced as
select occurrence_id from occurrences anti join kept.places using (occurrence_id);
insert into kept.places
select occurrence_id, document_id, md5_number_lower(question_key), question_key <> '',
    if(is_answered, md5_number_lower(answer_key), null), md5_number_lower(answer), is_answered, is_truncated,
    length(answer_key)
from occurrences semi join unplaced using (occurrence_id);
create or replace temp view places as from kept.places;
-- Each answer once; text_hash names the wording that stands for it, ref a place where that is.
create or replace temp table present as
select answer_hash, min(text_hash) as text_hash, arg_min(ref, text_hash) as ref, bool_or(is_orphan) as is_orphan
from (
    select answer_hash, text_hash, occurrence_id as ref, false as is_orphan
    from places where is_answered and length > 0
    union all
    select md5_number_lower(answer_key), md5_number_lower(answer), leftover_id, true
    from kept.orphans where answer_key <> ''
)
group by answer_hash;
create or replace temp view texts as
select answer_hash, answer_key, answer
from present
join (
    select occurrence_id as ref, answer_key, answer from occurrences
    union all
    select leftover_id, answer_key, answer from kept.orphans
) using (ref);
create or replace temp table gone_hashes as
select answer_hash, text_hash from kept.answers anti join present using (answer_hash, text_hash);
create or replace temp table gone as
select answer_hash, runs, phrases from kept.answers semi join gone_hashes using (answer_hash);
create or replace temp table fresh as
select answer_hash, text_hash from present anti join kept.answers using (answer_hash, text_hash);
delete from kept.answers where answer_hash in (select answer_hash from gone);
delete from kept.anchors where answer_hash in (select answer_hash from gone);
delete from kept.split where answer_hash in (select answer_hash from gone);
delete from kept.sentences where answer_hash in (select answer_hash from gone);
delete from kept.met
where a_hash in (select answer_hash from gone) or b_hash in (select answer_hash from gone);
delete from kept.relations
where a_hash in (select answer_hash from gone) or b_hash in (select answer_hash from gone);
