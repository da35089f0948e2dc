-- grain: one row per answer whose text is compared next
-- reads: answers_to_compare, current_answers, occurrences, cache.orphans
-- makes: few_texts, texts_to_compare
-- Where few answers are new, also few texts are compared: this takes them out of all, by number of row as in
-- `08_sync_cache_with_answers.sql`, so that the next file need not read all texts twice. Runs before 20 and before 31, but
-- not in a first run, in which most texts are compared.
create or replace temp table few_texts as
with found as materialized (
    select answer_hash, occurrences.rowid as row
    from current_answers semi join answers_to_compare using (answer_hash) join occurrences on occurrence_id = source_id
)
select answer_hash, answer_key, answer from found join occurrences on occurrences.rowid = row
union all
select answer_hash, answer_key, answer
from current_answers semi join answers_to_compare using (answer_hash) join cache.orphans on leftover_id = source_id;
create or replace temp view texts_to_compare as from few_texts
