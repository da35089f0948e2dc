-- grain: one row per row of qa in the selection
-- reads: qa
-- makes: selected_qa
-- The rows with $topic that were first seen on the day $since or later; null: any topic, any day.
create temp table selected_qa as
select qa_id from qa
where ($topic::varchar is null or list_contains(topics, $topic)) and ($since::date is null or first_seen_at >= $since::date)
