-- Where each row of qa stands: one row per occurrence.
select qa_id, occurrence_id, document_id, question_key from occurrences
