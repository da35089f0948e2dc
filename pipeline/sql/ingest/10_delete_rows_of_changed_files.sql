-- grain: one row per row that stays
-- reads: unchanged_files, files, documents, occurrences, leftovers, statistics, rejects, line_keys,
--        cache.occurrence_hashes
-- makes: files, documents, occurrences, leftovers, statistics, rejects, line_keys, deleted_occurrences,
--        cache.occurrence_hashes
-- Deletes everything that came from files other than unchanged_files (uri): removed ones, and those that are read again.
-- deleted_occurrences keeps what `refresh/05_occurrences_read_again.sql` compares; a run may delete rows twice.
-- A row belongs to the file at its uri or, when there is none, to the file that contains it as record `file#record`.
create or replace temp table removed as
    select document_id from documents
    where if(uri in (select uri from files), uri, regexp_replace(uri, '#[0-9]+$', ''))
        not in (select uri from unchanged_files);
delete from statistics
where occurrence_id in (select occurrence_id from occurrences semi join removed using (document_id));
create temp table if not exists deleted_occurrences (
    occurrence_id varchar, qa_id varchar, question varchar, text_hash ubigint, is_answered boolean, is_truncated boolean
);
insert into deleted_occurrences
select occurrence_id, qa_id, question, text_hash, deleted.is_answered, deleted.is_truncated
from (from occurrences semi join removed using (document_id)) deleted
join (from cache.occurrence_hashes semi join removed using (document_id)) hashes using (occurrence_id);
delete from occurrences where document_id in (select document_id from removed);
delete from cache.occurrence_hashes where document_id in (select document_id from removed);
delete from leftovers where document_id in (select document_id from removed);
delete from documents where document_id in (select document_id from removed);
delete from rejects
where if(uri in (select uri from files), uri, regexp_replace(uri, '#[0-9]+$', ''))
    not in (select uri from unchanged_files);
delete from files where uri not in (select uri from unchanged_files);
delete from line_keys where uri not in (select uri from unchanged_files);
drop table removed;
