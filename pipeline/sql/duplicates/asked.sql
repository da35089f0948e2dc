-- Pairs of questions with one need, by hash.
create or replace temp table asked as
select md5_number_lower(a_key) as a_hash, md5_number_lower(b_key) as b_hash, kind, score, reason from kept.asked
