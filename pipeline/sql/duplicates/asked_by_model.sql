-- Pairs of questions that rules or a model relate, by hash. Takes asked_by_key.
select md5_number_lower(a_key) as a_hash, md5_number_lower(b_key) as b_hash, kind, score, reason from asked_by_key
