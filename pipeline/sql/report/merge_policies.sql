-- How many questions there are, by what one counts as the same: from every occurrence to questions that ask the same.
select * from (values
    (1, 'every occurrence', 'nothing is the same', (select count(*) from occurrences)),
    (2, 'exact copies joined', 'equal question and answer', (select count(distinct (question_key, answer_key)) from occurrences)),
    (3, 'rows of qa', 'what may be merged, is', (select count(*) from qa)),
    (4, 'equal questions joined', 'equal question, whatever the answer', (select count(distinct question_key) from occurrences)),
    (5, 'same need joined', 'questions that ask the same thing', (select count(distinct question_id) from qa))
) as policies(rank, policy, the_same_is, questions)
order by rank
