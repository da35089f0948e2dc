-- grain: one row per orphan answer that is not in the cache yet
-- reads: leftovers, cache.orphans
-- makes: new_orphans, cache.orphans
-- Orphans that were removed leave the cache; Python cleans the new ones and inserts them.
delete from cache.orphans
where leftover_id not in (select leftover_id from leftovers where role = 'orphan_answer');
create or replace temp table new_orphans as
select leftover_id, "text" from leftovers
where role = 'orphan_answer' and leftover_id not in (select leftover_id from cache.orphans)
