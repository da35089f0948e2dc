-- Answers whose sentences are to be told apart.
select answer_hash, answer from to_split join texts using (answer_hash)
