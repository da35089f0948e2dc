-- grain: one row per figure that a reviewer decided on
-- reads: figure_keys, decided_figures
-- makes: figure_decisions
-- Replaces the table. decided_figures (figure_key, reading_key, decision, decided_by, note): the decisions in force.
delete from figure_decisions;
insert into figure_decisions
select statistic_id, decision, decided_by, nullif(note, '')
from figure_keys join decided_figures using (figure_key, reading_key)
order by statistic_id
