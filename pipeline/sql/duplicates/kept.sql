-- What one run keeps for the next, so that only new texts are read and compared. Texts are named by a hash of their key
-- (the last 8 bytes of its MD5); what is kept depends on the texts themselves, never on how many others there are.
create schema if not exists kept;
-- Where each text stands: its hashes by occurrence. Those of a document that is read again are forgotten (`forget.sql`).
create table if not exists kept.places (
    occurrence_id varchar, document_id varchar, question_hash ubigint, has_words boolean, answer_hash ubigint,
    text_hash ubigint, is_answered boolean, is_truncated boolean, length bigint
);
-- Signatures of the answers (`signatures.py`). text_hash: of the wording they were made of.
create table if not exists kept.answers (
    answer_hash ubigint, text_hash ubigint, words integer, length integer, is_cut boolean, half_run uinteger,
    runs uinteger[], phrases uinteger[], openings uinteger[]
);
-- The run of each answer by which longer texts that hold it are found: its rarest when it was new, and in how many
-- answers that stands now.
create table if not exists kept.anchors (answer_hash ubigint, run uinteger, answers bigint);
-- Answers all of whose runs stood in too many others to look for it in each of them.
create table if not exists kept.boilerplate (answer_hash ubigint);
create table if not exists kept.orphans (leftover_id varchar, answer varchar, answer_key varchar, content_key varchar);
-- Answers whose sentences have been told apart, and their sentences of 8 words and more.
create table if not exists kept.split (answer_hash ubigint);
create table if not exists kept.sentences (answer_hash ubigint, sentence_hash ubigint, words integer, sentence varchar);
-- Pairs of answers that have something in common; which of them are listed depends on what else there is.
create table if not exists kept.relations (
    a_hash ubigint, b_hash ubigint, kind varchar, score double, reason varchar, inner_hash ubigint
);
-- The phrases by which the near copies among them find each other, and how many it takes; those that are too common in
-- all answers do not count.
create table if not exists kept.met (a_hash ubigint, b_hash ubigint, needed integer, phrase uinteger);
-- Pairs of answers that have been compared line by line.
create table if not exists kept.lines_compared (a_hash ubigint, b_hash ubigint);
-- Questions; those with one need_hash want the same, those with one meaning_hash ask the same.
create table if not exists kept.questions (
    question_hash ubigint, question_key varchar, question_id varchar, need_hash varchar, meaning_hash varchar
);
create table if not exists kept.asked (
    a_key varchar, b_key varchar, kind varchar, score double, reason varchar, need_hash varchar
);
-- Distinct questions and answers (answer_hash null: unanswered) with the id of a row of qa that says just this.
create table if not exists kept.contents (
    question_hash ubigint, answer_hash ubigint, qa_id varchar, content_key varchar
);
-- What the pairs of table duplicates were last listed of (`duplicates/nodes.sql`): their ends, and what ties these together.
create table if not exists kept.nodes (id varchar, look ubigint);
create table if not exists kept.ties (is_question boolean, hash ubigint, look ubigint);
