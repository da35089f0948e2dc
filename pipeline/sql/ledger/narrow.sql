-- What a narrowed ledger sees: under each table's name a view of those rows that belong to the rows of qa in `kept`, with
-- the documents that hold them. {database} is the whole one. A leftover stays if it repeats the answer of a kept row.
create temp view qa as select * from {database}.main.qa semi join kept using (qa_id);
create temp view occurrences as select * from {database}.main.occurrences semi join kept using (qa_id);
create temp view leftovers as select * from {database}.main.leftovers semi join kept using (qa_id);
create temp view qa_topics as select * from {database}.main.qa_topics semi join kept using (qa_id);
create temp view statistics as select * from {database}.main.statistics semi join kept using (qa_id);
create temp view documents as
    select * from {database}.main.documents where document_id in (select document_id from occurrences);
create temp view duplicates as
    with ids as (select occurrence_id as id from occurrences union all select leftover_id from leftovers)
    select * from {database}.main.duplicates where a_id in (from ids) and b_id in (from ids);
