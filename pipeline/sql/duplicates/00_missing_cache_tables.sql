-- grain: schema `cache`: one row per text, per pair of texts or per node, as its comment says
-- reads: nothing
-- makes: cache.occurrence_hashes, cache.signatures, cache.rarest_shingles, cache.boilerplate_answers, cache.orphans,
--        cache.split_answers, cache.sentences, cache.relations, cache.shared_bigrams, cache.pairs_by_line,
--        cache.questions, cache.contents, cache.older_keys, cache.nodes, cache.group_digests
-- What one run may reuse of the run before, so that only new texts are read and compared. A hash of a text is the last
-- 8 bytes of the MD5 of its key. Whatever is stored here depends on the texts themselves, never on how many others there
-- are.
create schema if not exists cache;
-- The hashes of each occurrence. Those of a document that is read again are deleted (`ingest/10_delete_rows_of_changed_files.sql`).
create table if not exists cache.occurrence_hashes (
    occurrence_id varchar, document_id varchar, question_hash ubigint, has_words boolean, answer_hash ubigint,
    text_hash ubigint, is_answered boolean, is_truncated boolean, length bigint
);
-- The signature of each answer (`signatures.py`). text_hash: of the wording it was computed from.
create table if not exists cache.signatures (
    answer_hash ubigint, text_hash ubigint, words integer, length integer, is_cut boolean, cut_shingle uinteger,
    shingles uinteger[], bigrams uinteger[], line_starts uinteger[]
);
-- The shingle of each answer by which longer answers that contain it are found: its rarest one when the answer was new,
-- and in how many answers that shingle occurs now.
create table if not exists cache.rarest_shingles (answer_hash ubigint, shingle uinteger, answers bigint);
-- Answers whose every shingle occurred in so many others that not all of these were searched.
create table if not exists cache.boilerplate_answers (answer_hash ubigint);
create table if not exists cache.orphans (leftover_id varchar, answer varchar, answer_key varchar, content_key varchar);
-- Answers that have been split into sentences, and their sentences of 8 words and more.
create table if not exists cache.split_answers (answer_hash ubigint);
create table if not exists cache.sentences (answer_hash ubigint, sentence_hash ubigint, words integer, sentence varchar);
-- Pairs of answers that are related; which of them are listed depends on the other answers there are. may_merge: every
-- difference is proved harmless, so that the two are one row under one question. is_contained: the key of one answer is
-- a part of the key of the other. has_one_subject: the two are related
-- even as answers to different questions.
create table if not exists cache.relations (
    a_hash ubigint, b_hash ubigint, kind varchar, score double, reason varchar, inner_hash ubigint, may_merge boolean,
    is_contained boolean
);
alter table cache.relations add column if not exists has_one_subject boolean default true;
-- The bigrams that make the two of a near copy a candidate pair, in how many answers each occurs now, and how many of them
-- are needed; those that have become too frequent do not count.
create table if not exists cache.shared_bigrams (
    a_hash ubigint, b_hash ubigint, needed integer, bigram uinteger, answers bigint
);
-- Pairs of answers that have been compared line by line.
create table if not exists cache.pairs_by_line (a_hash ubigint, b_hash ubigint);
-- What each question asks (`question_intent.py`). kind: null where none was recognized. concepts: in the order of the
-- alphabet; is_droppable: another question may say the same without it; is_limiting: it follows a word that limits
-- ("for", "if"). has_implied_object: a thing was left out because
-- the act implies it.
create table if not exists cache.questions (
    question_hash ubigint, question_key varchar, question_id varchar, kind varchar, actor varchar,
    concepts struct(
        concept varchar, class varchar, field varchar, is_droppable boolean,
        is_limiting boolean, is_light boolean
    )[],
    has_implied_object boolean
);
-- Contents: distinct questions and answers (answer_hash null: unanswered), each with the id that a row of qa with this
-- content has.
create table if not exists cache.contents (
    question_hash ubigint, answer_hash ubigint, qa_id varchar, content_key varchar
);
-- The content_keys that decisions from before 30 November 2026 may have for a content; listed only when a decision names
-- a key that no content has.
create table if not exists cache.older_keys (question_hash ubigint, answer_hash ubigint, older_keys varchar[]);
-- The state from which the pairs of table duplicates were last computed (`60_nodes.sql`): digests of their ends, and of
-- the groups that their ends belong to.
create table if not exists cache.nodes (id varchar, digest ubigint);
create table if not exists cache.group_digests (is_question boolean, hash ubigint, digest ubigint);
