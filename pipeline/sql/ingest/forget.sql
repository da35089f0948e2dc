-- Forget what came of files that are gone or are read again. Takes kept (uri): the files whose rows stay.
-- A row belongs to the file at its uri, or, when there is none, to the file that holds it as record `file#record`.
create or replace temp table gone as
    select document_id from documents
    where if(uri in (select uri from files), uri, regexp_replace(uri, '#[0-9]+$', '')) not in (select uri from kept);
delete from statistics where occurrence_id in (select occurrence_id from occurrences semi join gone using (document_id));
delete from occurrences where document_id in (select document_id from gone);
delete from cache.occurrence_hashes where document_id in (select document_id from gone);
delete from leftovers where document_id in (select document_id from gone);
delete from documents where document_id in (select document_id from gone);
delete from rejects
where if(uri in (select uri from files), uri, regexp_replace(uri, '#[0-9]+$', '')) not in (select uri from kept);
delete from files where uri not in (select uri from kept);
delete from line_keys where uri not in (select uri from kept);
drop table gone;
