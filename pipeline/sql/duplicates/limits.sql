-- Groups that share a text give every pair up to so many members; in larger ones each is paired with the canonical one
-- (contract, table duplicates).
set variable largest_group = 200;
-- A phrase in more answers finds nobody: keeps a hot phrase linear; 200 found no further copy among labelled answers.
set variable common = 60;
-- Answers looked at for one that they may hold, the longest first; what 2,000 do not hold is mere boilerplate.
set variable looked_at = 2000;
-- Phrases by which an answer looks for others (`signatures.ASKING`), and how often those of two answers must find each
-- other: 2 times where the shorter has up to 12 words, else 4. Of 6,000 made near copies (words misspelt, replaced or left
-- out, passages left out) 5,689 are longer and none of these is lost, with 8 phrases neither; 16 leave room for common
-- ones. Of the 311 short ones 1 is lost, 6 would be if they had to meet 4 times.
set variable asking = 16;
set variable short_words = 12;
set variable met_if_short = 2;
set variable met = 4;
-- Of the phrases by which both could be found, the share that the two have in common: the 5,689 have .59 and more.
set variable alike = 0.5;
-- Words of a sentence that two answers share (guidelines, section 4).
set variable sentence_words = 8;
create or replace temp macro up_to(phrases, last) as list_filter(phrases, lambda phrase: phrase <= last);
create or replace temp macro phrases_alike(a, b) as
    len(up_to(list_intersect(a, b), least(a[-1], b[-1])))
    / least(len(up_to(a, least(a[-1], b[-1]))), len(up_to(b, least(a[-1], b[-1]))));
