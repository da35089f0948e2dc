-- Answers without a signature.
select answer_hash, text_hash, answer_key, answer from fresh join texts using (answer_hash)
