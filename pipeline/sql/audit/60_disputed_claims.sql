-- grain: one row per claim whose figures disagree, or some of which the last run left out
-- reads: claims
-- makes: disputed_claims
-- number: in the order of view claims. statistic_ids: all its figures, each once per row of qa.
create or replace temp table disputed_claims as
select
    row_number() over () as number, claim, scope, year, unit, period, role, list_concat(statistic_ids, left_out_ids) as statistic_ids
from claims where agreement = 'disagreeing' or left_out > 0
