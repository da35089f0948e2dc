-- grain: one row per pair of related answers, a_hash < b_hash
-- reads: pairs_of_one_question, pairs_with_line_start, cache.relations, cache.signatures, cache.shared_bigrams,
--        cache.sentences
-- makes: contained, repeated, near, overlapping, answer_relations
-- How the current answers relate: kind, score, reason, inner_hash (the one that is a part of the other) and may_merge.
-- Each pair has the first kind that fits; a near copy may be an overlap, too, for pairs whose questions name different
-- things (`63_changed_answer_edges.sql`).
create or replace temp table contained as
with parts as (
    select r.*, if(inner_hash = a_hash, b_hash, a_hash) as outer_hash from cache.relations r
    where is_contained
),
counted as (
    select inner_hash, count(*) > getvariable('largest_group') as is_frequent,
        arg_min(outer_hash, (-o.length, outer_hash)) as longest
    from parts join cache.signatures o on o.answer_hash = outer_hash
    group by inner_hash
)
select a_hash, b_hash, kind, score,
    reason || if(is_frequent, format(' It is a part of more than {} answers and listed with the longest one alone.',
        getvariable('largest_group')), '') as reason,
    inner_hash, may_merge
from parts join counted using (inner_hash)
where not is_frequent or outer_hash = longest or (a_hash, b_hash) in (from pairs_of_one_question);
create or replace temp table repeated as
select r.* exclude (is_contained, has_one_subject) from cache.relations r semi join pairs_with_line_start using (a_hash, b_hash)
anti join contained using (a_hash, b_hash)
where kind = 'orphan_matches_answer';
-- A near copy under another question counts while enough of the bigrams that the two share are rare.
create or replace temp table near as
with counting as (
    select a_hash, b_hash from cache.shared_bigrams anti join pairs_of_one_question using (a_hash, b_hash)
    where answers <= getvariable('largest_document_frequency')
    group by a_hash, b_hash, needed having count(*) >= needed
    union all
    from pairs_of_one_question
)
select r.* exclude (is_contained, has_one_subject) from cache.relations r semi join counting using (a_hash, b_hash)
anti join contained using (a_hash, b_hash) anti join repeated using (a_hash, b_hash)
where not is_contained and kind <> 'orphan_matches_answer'
    and (has_one_subject or (a_hash, b_hash) in (from pairs_of_one_question));
create or replace temp table overlapping as
with shared_sentences as (
    select sentence_hash from cache.sentences group by sentence_hash
    having count(*) between 2 and getvariable('largest_document_frequency')
),
sentences as materialized (from cache.sentences semi join shared_sentences using (sentence_hash)),
pairs as (
    select x.answer_hash as a_hash, y.answer_hash as b_hash, count(*) as sentences, sum(x.words) as shared,
        min(x.sentence) as sentence
    from sentences x join sentences y on y.sentence_hash = x.sentence_hash and y.answer_hash > x.answer_hash
    group by x.answer_hash, y.answer_hash
)
select a_hash, b_hash, 'answer_overlap' as kind, least(1.0, shared / least(a.words, b.words)) as score,
    format('The answers share {}: “{}”.', if(sentences = 1, 'a sentence', format('{} sentences', sentences)), sentence)
        as reason,
    null::ubigint as inner_hash, false as may_merge
from pairs join cache.signatures a on a.answer_hash = a_hash join cache.signatures b on b.answer_hash = b_hash
anti join contained using (a_hash, b_hash) anti join repeated using (a_hash, b_hash);
create or replace temp table answer_relations as
from contained union all from repeated union all from near union all from overlapping
