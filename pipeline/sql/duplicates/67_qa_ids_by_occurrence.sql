-- grain: one row per occurrence
-- reads: occurrence_clusters, orphan_clusters, qa_ids
-- makes: members, orphans_joined
-- members: the row of qa that each occurrence belongs to. orphans_joined: each orphan answer that joins a row.
create or replace temp table members as
select occurrence_id, canonical_occurrence_id, question_id, qa_id from occurrence_clusters join qa_ids using (cluster);
create or replace temp table orphans_joined as
select leftover_id, canonical_occurrence_id, qa_id from orphan_clusters join qa_ids using (cluster)
