-- grain: one row per pair of related questions, a_hash < b_hash
-- reads: cache.questions, needs, scopes, members_of_needs, model_pairs, model_groups
-- makes: numbered_scopes, question_relations, question_ids
-- Questions with one need are paraphrases. A question that has the need of another once a concept is left out is a scope
-- variant of it, and so are two that have one need once two concepts of one class are left out: two places, two plans.
-- In a group of more than LARGEST_GROUP questions each is paired with the first alone: the shortest, then by alphabet.
-- numbered_scopes: the scopes with the size of their group and their rank in it.
-- Without a model model_pairs (a_need, b_need) and model_groups (need_hash, group_hash) are empty.
create or replace temp table numbered_scopes as
select scopes.*, count(*) over (partition by wider_hash) as members, count(*) over of_class as members_of_class,
    row_number() over (of_class order by length(question_key), question_key) as rank
from scopes join cache.questions using (question_hash)
where is_scope
window of_class as (partition by wider_hash, if(class in ('act', 'thing', ''), null, class));
create or replace temp table question_relations as
with shared_needs as (
    select m.*, kind || ': ' || array_to_string(list_transform(concepts, lambda c: c.concept), ', ') as need
    from members_of_needs m join cache.questions using (question_hash) where members > 1
),
paraphrases as (
    select x.question_hash as one, y.question_hash as other, 1 as turn, 'paraphrased_question' as kind,
        if(x.is_root = y.is_root, 0.95, 0.9) as score,
        if(x.is_root = y.is_root,
            format('Both questions ask for the same thing in other words ({}).',
                if(length(x.need) < length(y.need), y.need, x.need)),
            format('Both questions ask for the same thing; what only one of them mentions goes without saying ({} / {}).',
                least(x.need, y.need), greatest(x.need, y.need))) as reason
    from shared_needs x join shared_needs y using (need_hash)
    where x.rank < y.rank and (x.members <= getvariable('largest_group') or x.rank = 1)
),
by_model as (
    select x.question_hash, y.question_hash, 2, 'paraphrased_question', getvariable('model_score'),
        'A language model finds that both questions ask for the same thing, and no word of theirs says otherwise.'
    from model_pairs join members_of_needs x on x.need_hash = a_need join members_of_needs y on y.need_hash = b_need
    where x.members + y.members <= getvariable('largest_group') or x.rank = 1 and y.rank = 1
),
needs_by_rank as (
    select question_hash, need_hash, says_subject, count(*) over (partition by need_hash) as members,
        row_number() over (partition by need_hash order by length(question_key), question_key) as rank
    from needs join cache.questions using (question_hash)
    where need_hash in (select wider_hash from numbered_scopes)
),
narrower as (
    select s.question_hash, n.question_hash, 3, 'scope_variant', 0.7,
        format('Both questions ask for the same thing, but only one limits it to: {}.', concept)
    from numbered_scopes s join needs_by_rank n on n.need_hash = wider_hash
    where (s.members + n.members <= getvariable('largest_group') or n.rank = 1)
        -- A thing instead of the subject is another object: to get records is no kind of getting a second opinion.
        and not (class in ('act', 'thing', '') and n.says_subject and not s.says_subject)
),
other_scope as (
    select x.question_hash, y.question_hash, 4, 'scope_variant', 0.7,
        if(class = 'kind', 'Both questions ask about the same thing, the one more strongly than the other.',
            format('One question asks about {}, the other about {}.', least(x.concept, y.concept),
                greatest(x.concept, y.concept)))
    from numbered_scopes x join numbered_scopes y using (wider_hash, class)
    where x.rank < y.rank and x.concept <> y.concept and class not in ('act', 'thing', '')
        and (x.members_of_class <= getvariable('largest_group') or x.rank = 1)
)
select least(one, other) as a_hash, greatest(one, other) as b_hash, arg_min(kind, (turn, reason)) as kind,
    arg_min(score, (turn, reason)) as score, arg_min(reason, (turn, reason)) as reason
from (from paraphrases union all from by_model union all from narrower union all from other_scope)
where one <> other
group by least(one, other), greatest(one, other);
-- question_id: the id of what a question asks, that of the shortest question that asks the same, then by the alphabet.
create or replace temp table question_ids as
with groups as (
    select question_hash, coalesce(group_hash, need_hash) as group_hash
    from members_of_needs left join model_groups using (need_hash) where members > 1 or group_hash is not null
),
firsts as (
    select question_hash, first_value(question_id) over (
        partition by group_hash order by length(question_key), question_key
    ) as first_id
    from groups join cache.questions using (question_hash)
)
select question_hash, coalesce(first_id, question_id) as question_id
from cache.questions left join firsts using (question_hash)
