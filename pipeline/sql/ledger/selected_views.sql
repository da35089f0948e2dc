-- grain: one row per row of the table of the same name
-- reads: selected_qa, qa, occurrences, leftovers, qa_topics, statistics, documents, duplicates
-- makes: qa, occurrences, leftovers, qa_topics, statistics, documents, duplicates
-- Temporary views that hide the tables of the same names and show the rows that belong to the selection, with the
-- documents that contain them; a leftover belongs if it repeats the answer of a selected row. {database} is the name of
-- the published database.
create temp view qa as select * from {database}.main.qa semi join selected_qa using (qa_id);
create temp view occurrences as select * from {database}.main.occurrences semi join selected_qa using (qa_id);
create temp view leftovers as select * from {database}.main.leftovers semi join selected_qa using (qa_id);
create temp view qa_topics as select * from {database}.main.qa_topics semi join selected_qa using (qa_id);
create temp view statistics as select * from {database}.main.statistics semi join selected_qa using (qa_id);
create temp view documents as
    select * from {database}.main.documents where document_id in (select document_id from occurrences);
create temp view duplicates as
    with ids as (select occurrence_id as id from occurrences union all select leftover_id from leftovers)
    select * from {database}.main.duplicates where a_id in (from ids) and b_id in (from ids);
