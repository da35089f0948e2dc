-- grain: one row per kind of question by its opening words
-- reads: qa
-- answers: what do the questions ask for: how, what, how much, yes or no
-- share: of all rows of qa, 0 to 1.
with openings as (
    select coalesce(nullif(regexp_extract(lower(question),
        '\b(how much|how long|how many|how often|how|what|when|where|who|whom|which|why|can|could|may|do|does|did|is|are|was|were|should|will|would|has|have)\b', 1), ''), 'other') as opening
    from qa
),
kinds as (
    select case
        when opening in ('can', 'could', 'may', 'do', 'does', 'did', 'is', 'are', 'was', 'were', 'should', 'will', 'would', 'has', 'have') then 'yes or no'
        else opening end as asks
    from openings
)
select asks, count(*) as questions, count(*) / sum(count(*)) over () as share
from kinds group by asks order by questions desc, asks
