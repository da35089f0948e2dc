-- grain: one row per definition of "the same question", from the strictest to the widest
-- reads: occurrences, qa
-- answers: how many questions there are
select * from (values
    (1, 'every occurrence', 'every one counts', (select count(*) from occurrences)),
    (2, 'exact copies merged', 'equal question and answer', (select count(distinct (question_key, answer_key)) from occurrences)),
    (3, 'rows of qa', 'the rules of a run merge', (select count(*) from qa)),
    (4, 'equal questions merged', 'equal question, whatever the answer', (select count(distinct question_key) from occurrences)),
    (5, 'paraphrases merged', 'questions that ask the same thing', (select count(distinct question_id) from qa))
) as policies(rank, policy, the_same_is, questions)
order by rank
