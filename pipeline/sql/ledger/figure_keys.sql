-- grain: one row per figure
-- reads: statistics
-- makes: figure_keys
-- The names by which people's decisions know a figure, made from words alone. figure_key: of its sentence without case and
-- white space, its surface, and how often the surface occurs in the sentence before it. reading_key: of what was read
-- there. So a decision applies to copies of the sentence and after files were moved, but not to another reading.
create or replace temp view figure_keys as
with places as (
    select *, substr(quote, 1, char_start - quote_char_start) as ahead from statistics
)
select
    statistic_id,
    md5(concat_ws(chr(10), trim(regexp_replace(lower(quote), '\s+', ' ', 'g')), surface,
        (length(ahead) - length(replace(ahead, surface, ''))) // length(surface))) as figure_key,
    md5(concat_ws(chr(10), coalesce(claim, ''), array_to_string(scope, chr(9)), coalesce(year::varchar, ''), kind, unit,
        coalesce(period, ''), role, coalesce(low::varchar, ''), coalesce(high::varchar, ''), relation)) as reading_key
from places
