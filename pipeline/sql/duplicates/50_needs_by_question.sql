-- grain: one row per question whose kind was recognized
-- reads: cache.questions
-- makes: well_mixed, subjects, needs, scopes, joined_needs, members_of_needs
-- The need of a question is its kind, who acts, and its concepts. What most questions are about goes without saying: in
-- a corpus about flu shots, "How much is it?" and "How much is a flu shot?" ask the same. subjects: the concepts that
-- occur in so large a share of the questions; they are left out as long as another concept remains, the most frequent
-- one always, and with it those that hardly occur without it. People, illnesses and procedures behind a word that
-- limits ("for", "if") stay: where half of the questions are about cancer, "for cancer" is still narrower. A procedure or
-- an act does not where most are about it (is_dominant): among questions about one scan, "at the scan" says nothing. The
-- subjects are computed from all questions in every run.
create or replace temp table subjects as
with total as (select count(*) as total from cache.questions where kind is not null),
often as (
    select field
    from (select unnest(list_transform(concepts, lambda c: c.field)) as field from cache.questions), total
    group by field, total
    having count(*) >= total * least(getvariable('share_of_thing'), getvariable('share_of_other_subject'))
),
-- The concepts of the questions that may say a subject: those of all others need not be unnested.
said as (
    select question_hash, unnest(concepts, max_depth := 2) from cache.questions
    where list_has_any(list_transform(concepts, lambda c: c.field), (select coalesce(list(field), []) from often))
),
counted as (
    select field, count(distinct question_hash) as questions, count(distinct concept) as names,
        bool_and(class in ('thing', '')) as is_thing,
        bool_and(class in ('procedure', 'act')) as may_dominate
    from said where class not in ('place', 'plan', 'channel', 'order', 'negation', 'number', 'time')
    group by field
),
frequent as (
    select field, row_number() over (order by questions desc, field desc) = 1 as is_first,
        may_dominate and questions >= total * getvariable('share_of_dominant_subject') as is_dominant
    from counted, total
    where questions >= getvariable('least_subject') and questions >= total * if(
        is_thing and names = 1, getvariable('share_of_thing'), getvariable('share_of_other_subject')
    )
)
select concept, any_value(is_first) as is_first, any_value(is_dominant) as is_dominant, count(*) as questions
from said join frequent using (field) group by concept;
update subjects set is_first = true where concept in (
    with firsts as (select list(concept) as firsts from subjects where is_first),
    together as (
        select unnest(concepts, max_depth := 2) from cache.questions, firsts
        where list_has_any(list_transform(concepts, lambda c: c.concept), firsts)
    )
    select concept from together join subjects using (concept)
    group by concept having count(*) >= 0.6 * any_value(questions)
);
-- DuckDB's hash of a text, hashed once more: the hashes of short texts are too much alike to be combined by xor.
create or replace temp macro well_mixed(label) as hash(hash(label));
-- The concepts that say something, and their names. need_hash is equal for questions that ask the same: the hash of
-- kind and actor, xor that of each name. So the hash without a name is this one, xor the hash of that name. Most questions
-- do not say the subject, so the lists are filtered only where they do, which takes three quarters of the time. Where
-- nothing or a light act would remain ("How do I get a card?"), only the most frequent subject is left out.
create or replace temp table needs as
with said as (
    select question_hash, kind, actor, concepts as all_concepts, has_implied_object,
        list_transform(concepts, lambda c: c.concept) as all_names, subject, first_subject, dominant
    from cache.questions, (
        select coalesce(list(concept), []) as subject, coalesce(list(concept) filter (is_first), []) as first_subject,
            coalesce(list(concept) filter (is_dominant), []) as dominant
        from subjects
    )
    where kind is not null
),
others as (
    select *, case when list_has_any(all_names, subject) then list_filter(all_concepts,
        lambda c: not list_contains(subject, c.concept)
            or c.is_limiting and c.class in ('family', 'condition', 'procedure', 'act')
            and not list_contains(dominant, c.concept)) else all_concepts end as others
    from said
),
chosen as (
    select *, case when len(list_filter(others, lambda c: not c.is_light)) > 0 then others else list_filter(all_concepts,
        lambda c: not list_contains(first_subject, c.concept)
            or c.is_limiting and c.class in ('family', 'condition', 'procedure', 'act')
            and not list_contains(dominant, c.concept)) end as concepts
    from others
),
named as (
    select *, len(concepts) < len(all_concepts) as says_subject,
        case when len(concepts) < len(all_concepts) then list_transform(concepts, lambda c: c.concept) else all_names end
            as names
    from chosen
)
select question_hash, kind, actor, names, list_transform(concepts, lambda c: c.class in ('act', 'thing', '')) as are_plain,
    has_implied_object or case when says_subject then len(list_filter(all_concepts,
        lambda c: c.class in ('thing', '') and not list_contains(names, c.concept))) > 0 else false end
        as has_implied_object,
    says_subject,
    xor(well_mixed(kind || '|' || actor), coalesce(list_bit_xor(list_transform(names, lambda name: well_mixed(name))), 0))
        as need_hash
from named;
-- The need of a question without one of its concepts, which may be left out if an act or a thing remains; and of
-- questions that differ in how strongly they ask alone. says_subject: the question says what the corpus is about. An
-- illness that is not behind "for" or "with" is what is asked about, and so is the number in a name: "What is asthma?" is
-- no kind of "What is gout?". Without those that relate to no other question: what is left is nobody's need, and the
-- concept is an act, a thing or unlisted. These are most: on 20,000 pages 4,000 of 356,000 rows remain.
create or replace temp table scopes as
with places as (
    select question_hash, generate_subscripts(names, 1) as place,
        xor(need_hash, unnest(list_transform(names, lambda name: well_mixed(name)))) as wider_hash,
        unnest(are_plain) as is_plain
    from needs
),
related as materialized (from places where not is_plain or wider_hash in (select need_hash from needs))
select question_hash, need_hash, says_subject, c.concept, c.class,
    (c.is_droppable or c.concept in ('after', 'before') and says_subject) and anchors > (c.class in ('act', 'thing', '') and not c.is_limiting)::int as is_droppable,
    c.class not in ('act', 'order', 'negation') and (len(names) > 1 or c.class not in ('act', 'thing', ''))
        and (c.class not in ('condition', 'number') or c.is_limiting or says_subject
            or c.class = 'number' and said_things > 0)
        as is_scope,
    wider_hash
from (
    select *, named[place] as c,
        len(list_filter(named, lambda x: x.class in ('act', 'thing', '') and not x.is_limiting)) as anchors,
        len(list_filter(named, lambda x: x.class in ('act', 'thing'))) as said_things
    from (
        select needs.*, place, wider_hash, list_filter(concepts, lambda c: list_contains(names, c.concept)) as named
        from related join needs using (question_hash) join cache.questions using (question_hash)
    )
)
union all
select question_hash, need_hash, says_subject, kind, 'kind', false, true,
    xor(need_hash, xor(well_mixed(kind || '|' || actor), well_mixed('modal|' || actor)))
from needs where kind in ('should', 'worth', 'need');
-- joined_needs: a need with one concept more than another one is the same if that concept may be left out and the corpus
-- does not part them: no third question has another concept in its place, and the wider question leaves out no
-- object of its own ("Can I print documents?" / "Can I print?", but "renew a card" / "renew", which is to renew a book),
-- be it implied by the act or the subject of the corpus.
create or replace temp table joined_needs as
with wider as (
    select need_hash as wider_hash, bool_or(has_implied_object) as has_implied_object from needs group by need_hash
),
joined as (
    select wider_hash, any_value(need_hash) as need_hash
    from scopes join wider using (wider_hash)
    group by wider_hash
    having count(distinct concept) = 1 and bool_and(is_droppable) and not bool_or(has_implied_object and class <> 'act')
)
-- Of several wider needs one is taken, the same one in every run.
select joined.need_hash, arg_min(wider_hash,
    md5_number_lower(kind || ' | ' || actor || ' | ' || array_to_string(names, ', '))) as root_hash
from joined join needs on needs.need_hash = wider_hash
where wider_hash not in (select need_hash from joined)
group by joined.need_hash;
-- Each question under the need that it shares with others; rank: the shortest first, then by the alphabet.
create or replace temp table members_of_needs as
with shared as (
    select question_hash, coalesce(root_hash, need_hash) as need_hash, root_hash is null as is_root
    from needs left join joined_needs using (need_hash)
),
of_several as (select need_hash from shared group by need_hash having count(*) > 1)
select question_hash, need_hash, is_root, count(*) over (partition by need_hash) as members,
    row_number() over (partition by need_hash order by length(question_key), question_key) as rank
from shared semi join of_several using (need_hash) join cache.questions using (question_hash)
union all
select question_hash, need_hash, is_root, 1, 1 from shared anti join of_several using (need_hash)
