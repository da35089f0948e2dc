-- What a reader sees of each row of qa, as JSON, so that a change can be shown and compared.
select qa_id, json_object(
    'qa_id', qa_id, 'question', question, 'answer', answer, 'is_truncated', is_truncated, 'topics', topics,
    'occurrence_count', occurrence_count, 'document_count', document_count)::varchar as summary
from qa
