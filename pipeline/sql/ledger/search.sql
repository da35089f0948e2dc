-- grain: one row per row of qa that contains a word of $words, best first; at most $limit
-- reads: qa
-- answers: which questions and answers match a search
-- score: BM25 (Robertson and Zaragoza 2009, k1 1.2, b .75) over question and answer; a word in the question counts
-- twice. $prefixes: each matches every word that starts with it. $phrases: words separated by one space; a row must
-- contain each phrase in its question or in its answer.
with tokens as (
    select qa_id, unnest(regexp_extract_all(lower(question || ' ' || question || ' ' || coalesce(answer, '')), '[\pL\pN]+')) as word
    from qa
),
words as (
    select unnest($words::varchar[]) as word
    union
    select word from (select distinct word from tokens), unnest($prefixes::varchar[]) as p(prefix)
    where starts_with(word, prefix)
),
lengths as (select qa_id, count(*) as words_in_row from tokens group by qa_id),
average as (select avg(words_in_row) as words_on_average, count(*) as rows_in_all from lengths),
hits as (select qa_id, word, count(*) as times from tokens semi join words using (word) group by all),
rarity as (
    select word, ln(1 + (rows_in_all - count(*) + .5) / (count(*) + .5)) as weight
    from hits cross join average group by word, rows_in_all
)
select qa_id, question, answer, topics,
    sum(weight * times * 2.2 / (times + 1.2 * (.25 + .75 * words_in_row / words_on_average))) as score
from hits join rarity using (word) join lengths using (qa_id) cross join average join qa using (qa_id)
where len(list_filter($phrases::varchar[], lambda phrase: not contains(
    ' ' || array_to_string(regexp_extract_all(lower(question || ' | ' || coalesce(answer, '')), '[\pL\pN]+|\|'), ' ') || ' ',
    ' ' || phrase || ' '
))) = 0
group by qa_id, question, answer, topics
order by score desc, qa_id
limit $limit
