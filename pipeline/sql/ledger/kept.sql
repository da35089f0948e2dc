-- The rows of qa a ledger is narrowed to: with this topic, and first seen on this day or later (null = any).
create temp table kept as
select qa_id from qa
where ($topic::varchar is null or list_contains(topics, $topic)) and ($since::date is null or first_seen_at >= $since::date)
