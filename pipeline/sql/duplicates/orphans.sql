-- Forget orphan answers that are gone; orphans_anew: those that are new. Takes leftovers.
delete from kept.orphans
where leftover_id not in (select leftover_id from leftovers where role = 'orphan_answer');
create or replace temp table orphans_anew as
select leftover_id, "text" from leftovers
where role = 'orphan_answer' and leftover_id not in (select leftover_id from kept.orphans)
