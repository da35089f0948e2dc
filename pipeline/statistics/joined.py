"""Finds the measures of figures that are joined in one sentence and share a verb, a subject or a list.

"80% of surgery and 50% of drugs": what follows a figure is its own, what comes before the first figure is shared.
"Doubt (46%), cost (22%)" and "breakfast is $9, lunch $14": what comes before a figure is its own.
"Sparrows and finches declined by 12% and 30%, respectively": the items of a list go to the figures in order.
"... only 27% of patients did": the verb is that of the figure before.
"""

from itertools import pairwise

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.clauses import (
    OUTCOMES,
    Clause,
    clause_start,
    end_in_clause,
    fronted_people,
    fronted_phrase,
    item_after,
)
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import MONEY, Description, Sentence
from pipeline.statistics.phrases import PER, PREPOSITIONS, after_period, last_verb, text_of

__all__ = ["measure_in_list"]

_LONGEST_LIST = 12  # figures that share a verb
_SUBORDINATES = words("before after until once when while because if unless since although though as")
_JOINTS = words("and or but , ; while whereas versus vs")
_OWN_RIGHT = words(
    """outside inside near beyond around overall of for in after to with on among per under over as at by from
    during within before against without toward towards"""
)
_COMPLEMENTS = _OWN_RIGHT | words("out once when where if unless until")  # "91% for some but 27% once ..."
_ELLIPTIC = words("did do does were was are is had have has would will can")
_PRONOUNS = words("it they this that these those")
_COPULAS = words("is are was were be been")


def measure_in_list(
    clauses: list[Clause], lists: list[tuple[int, bool]], i: int, found: list[Description]
) -> str | None:
    """The measure of figure `i` by its position in a list; null where it is in none.

    `lists`: of `list_starts_by_figure`. `found`: what is known of the figures before it.
    """
    if clauses[i].word(clauses[i].finish) in OUTCOMES:
        return None  # "a 1 in 5 chance" names its measure
    previous = found[-1].measure if found else None
    return (
        _respectively(clauses, i)
        or _inside_bracket(clauses, i)
        or _bracket_after(clauses, i)
        or _item_before_bracket(clauses, i)
        or _own_right(clauses, lists, i)
        or (previous and _elliptic(clauses, i, previous))
        or (previous and _measure_for_pronoun(clauses[i], previous))
        or (previous and _shared_verb_before(clauses[i], previous))
        or (previous and _shared_verb_of_object(clauses[i], previous))
        or _shared_subject(clauses, i)
        or _own_left(clauses, i, previous)
    )


# ---------------------------------------------------------------- X for A and Y for B


def list_starts_by_figure(clauses: list[Clause]) -> list[tuple[int, bool]]:
    """For each figure, the first figure of its list whose complements follow them, and whether the list has others."""
    joined = [_continues_right(left, right) for left, right in pairwise(clauses)]
    firsts: list[int] = []
    for i in range(len(clauses)):
        firsts.append(firsts[i - 1] if i and joined[i - 1] else i)
    return [(first, first < i or (i < len(joined) and joined[i])) for i, first in enumerate(firsts)]


def _own_right(clauses: list[Clause], lists: list[tuple[int, bool]], i: int) -> str | None:
    """The shared head and the figure's own complement: "The plan pays" and "for an eye test"."""
    first, is_listed = lists[i]
    if not is_listed:
        return None
    lead, own = clauses[first], _complement(clauses[i])
    head = _head(lead) or _label(lead.sentence, lead.begin)
    return f"{head} {own}" if head and own else None


def _continues_right(left: Clause, right: Clause) -> bool:
    """Whether `left` has its complement after it and `right` follows without a verb: "$5 for tea and $9 for ..."."""
    sentence, first = left.sentence, _after_unit(left)
    gap = sentence.words(first, right.begin)
    if len(gap) < 3 or gap[0] not in _COMPLEMENTS or gap[-1] not in _JOINTS or _complement(right) is None:
        return False
    has_verb = gap[0] in _OWN_RIGHT and last_verb(sentence, first, right.begin) is not None
    return not has_verb and ";" not in gap


def _after_unit(clause: Clause) -> int:
    """The token after the noun or the unit that a sum is of: "75 cents a page for the first ten"."""
    i = _after_noun(clause)
    is_unit = i == clause.finish and clause.word(i) in PER and clause.sentence.is_word(i + 1)
    return i + 2 if is_unit and clause.word(i + 2) in _COMPLEMENTS else i


def _after_noun(clause: Clause) -> int:
    """The token after the noun that a sum is of: "a $60 copay per visit and $25 for a test"."""
    i = clause.finish
    if (
        clause.figure.kind != MONEY
        or clause.word(i) in _COMPLEMENTS
        or clause.word(clause.begin - 1) not in ("a", "an")
    ):
        return i
    last = next(
        (
            j
            for j in range(i, i + _LONGEST_NOUN + 1)
            if not clause.sentence.is_word(j) or clause.word(j) in _COMPLEMENTS
        ),
        i,
    )
    return last if clause.word(last) in _COMPLEMENTS else i


_LONGEST_NOUN = 3  # words of "annual processing fee"


def _head(clause: Clause) -> str | None:
    """The words before the first figure of a list, its subject and verb, or the noun that its sum is of."""
    if _after_noun(clause) > clause.finish:
        return clause.text(clause.finish, _after_noun(clause))
    last = clause.begin
    while last > clause.start and clause.word(last - 1) in ("to", "of", "in", "by", "for", "at", "from", "a", "the"):
        last -= 1
    return clause.text(clause.start, last)


def _complement(clause: Clause) -> str | None:
    """The phrase right of a figure that begins with a preposition, up to the next figure."""
    first = _after_unit(clause)
    if clause.word(first) not in _COMPLEMENTS:
        return None
    return clause.text(first, _right_end(clause, first))


def _right_end(clause: Clause, first: int) -> int:
    """Where the complement at `first` ends: before a clause that leads to the next figure, "before it earned $5"."""
    end = end_in_clause(clause, first)
    if end == clause.end:
        leads = (j for j in range(first + 1, end) if clause.word(j) in _SUBORDINATES)
        end = next((j for j in leads if last_verb(clause.sentence, j, end) is not None), end)
    while end > first and clause.word(end - 1) in _JOINTS:
        end -= 1
    return end


# ---------------------------------------------------------------- A (X), B (Y); A is X, B Y


def _inside_bracket(clauses: list[Clause], i: int) -> str | None:
    """What follows each figure of a bracket, after the words before it: "(2.2% major, 12.0% minor)"."""
    clause = clauses[i]
    if "(" not in clause.sentence.vocabulary:
        return None
    low = max(0, clause.begin - PHRASE_REACH)
    opening = next((j for j in range(clause.begin - 1, low, -1) if clause.word(j) in ("(", ")")), None)
    last = clause.finish
    while clause.sentence.is_word(last) and clause.word(last) not in _JOINTS:
        last += 1
    if opening is None or clause.word(opening) == ")" or clause.word(last) not in (",", ")", ";", "and", "or"):
        return None
    own = clause.text(clause.finish, last)
    if own is None or clause.word(clause.finish) in _OWN_RIGHT:
        return None
    sentence = clause.sentence
    head = text_of(sentence, clause_start(sentence, max(0, opening - PHRASE_REACH), opening), opening)
    return f"{head} {own}" if head else own


def _bracket_after(clauses: list[Clause], i: int) -> str | None:
    """The bracket after each figure of a list, with what is before the list: "Fee: $15 (adults), $45 (groups)"."""
    if "(" not in clauses[i].sentence.vocabulary or item_after(clauses[i]) is None:
        return None
    first = i
    while first > max(0, i - _LONGEST_LIST) and _follows_bracket(clauses[first - 1], clauses[first]):
        first -= 1
    if first == i and not (i + 1 < len(clauses) and _follows_bracket(clauses[i], clauses[i + 1])):
        return None
    item, head = item_after(clauses[i]), clauses[first]
    lead = _head(head) or _label(head.sentence, head.begin)
    return f"{lead} {head.text(*item)}" if lead and item else None


def _follows_bracket(left: Clause, right: Clause) -> bool:
    """Whether two figures with brackets after them stand in one list: "$15 (adults) and $45 (groups)"."""
    if item_after(left) is None or item_after(right) is None:
        return False
    gap = left.sentence.words(left.finish, right.begin)
    closing = len(gap) - 1 - gap[::-1].index(")") if ")" in gap else len(gap)
    return len(gap) <= PHRASE_REACH and closing < len(gap) and _JOINTS.issuperset(gap[closing + 1 :])


def _label(sentence: Sentence, i: int) -> str | None:
    """The label whose colon is right before token `i`: "Fee" of "Fee: $15"."""
    if sentence.word(i - 1) != ":":
        return None
    return text_of(sentence, clause_start(sentence, max(0, i - 1 - PHRASE_REACH), i - 1), i - 1)


def _item_before_bracket(clauses: list[Clause], i: int) -> str | None:
    """The item between the bracket before and the figure's own: "lived alone" of "women (57%), lived alone (44%)".

    An item without a verb has that of the list: "signs are rash" of "signs are fever (3 %), rash (2 %)".
    """
    clause = clauses[i]
    if clause.word(clause.begin - 1) != "(":
        return None
    sentence = clause.sentence
    if i == 0 or clause.previous is None:
        bracket, following = clause.begin - 1, clauses[1] if len(clauses) > 1 else clause
        is_list = following.word(following.begin - 1) == "(" and clause.word(clause.finish + 1) in _JOINTS
        start = clause_start(sentence, max(0, bracket - CLAUSE_REACH), bracket)
        return clause.text(start, bracket) if is_list else None
    first = next((j for j in range(clause.previous, clause.begin) if clause.word(j) == ")"), None)
    if first is None or clause.word(first + 1) not in _JOINTS:
        return None
    start = first + 1
    while clause.word(start) in _JOINTS:
        start += 1
    item = clause.text(start, clause.begin - 1)
    if item is None or last_verb(sentence, start, clause.begin - 1) is not None:
        return item
    bracket = clauses[0].begin - 1
    opening = clause_start(sentence, max(0, bracket - CLAUSE_REACH), bracket)
    verb = last_verb(sentence, opening, bracket)
    if verb is None:
        return item
    while verb + 1 < bracket and clause.word(verb + 1) in PREPOSITIONS:
        verb += 1
    return f"{text_of(sentence, opening, verb + 1)} {item}"


def _own_left(clauses: list[Clause], i: int, previous: str | None) -> str | None:
    """The words between the figure before and this one, with what they share: "the owner" and "pays"."""
    clause = clauses[i]
    joint = _last_joint(clauses, i)
    if joint is None:
        return None
    sentence, before, first, last = clause.sentence, clauses[i - 1], joint + 1, clause.begin
    while last > first and clause.word(last - 1) in _OWN_RIGHT | {"a", "the"}:
        last -= 1
    own = clause.text(first, last)
    if own is None or not any(_can_name_measure(sentence, j) for j in range(first, last)):
        return None
    if clause.word(first) not in _OWN_RIGHT:
        if previous and clause.word(last - 1) == "one" and _after_noun(before) == before.finish:
            noun = before.text(before.finish, end_in_clause(before, before.finish))
            if noun == previous:
                return f"{own} {noun}"  # "a gold plan has a $1,000 deductible, a bronze one $7,500"
        if own.endswith("ed") and " " not in own and before.verb is not None:
            subject = before.text(before.start, before.verb)
            return f"{subject} {own}" if subject else own  # "the board upheld 77% of fines and reduced 14%"
        shared = _shared_predicate(clauses, i)
        return own if shared is None else f"{own} {shared}"
    if before.verb is None:
        return f"{previous} {own}" if previous else None  # "12% of wells were dry, in the south 30%"
    head = before.text(before.start, before.complement)
    return f"{head} {own}" if head else None


def _last_joint(clauses: list[Clause], i: int) -> int | None:
    """The last comma or conjunction between the figure before and this one, where no verb follows it."""
    clause = clauses[i]
    if i == 0 or clause.previous is None or clause.begin - clause.previous > 2 * PHRASE_REACH:
        return None
    joint = next((j for j in range(clause.begin - 1, clause.previous - 1, -1) if clause.word(j) in _JOINTS), None)
    if joint is None or clause.begin - joint > PHRASE_REACH:
        return None
    return joint if last_verb(clause.sentence, joint, clause.begin) is None else None


def _can_name_measure(sentence: Sentence, i: int) -> bool:
    """Whether a word can name what is measured, so that "about" or "another" alone do not."""
    word = sentence.word(i)
    return (
        sentence.is_word(i) and (word,) not in lexicon().before and (word,) not in lexicon().neutral and len(word) > 2
    )


def _shared_predicate(clauses: list[Clause], i: int) -> str | None:
    """The verb of the list with its complement, "were satisfied"; null where it only says "is"."""
    for clause in reversed(clauses[max(0, i - _LONGEST_LIST) : i]):
        if clause.verb is not None:
            last = clause.begin
            while last > clause.complement and clause.word(last - 1) in _OWN_RIGHT | {"a", "the"}:
                last -= 1
            is_copula = clause.word(clause.complement - 1) in _COPULAS and last <= clause.complement
            return None if is_copula else clause.text(clause.verb, last)
    return None


# ---------------------------------------------------------------- respectively


def _respectively(clauses: list[Clause], i: int) -> str | None:
    """The item of a list that goes with the figure by its position, and the verb."""
    sentence = clauses[i].sentence
    if "respectively" not in sentence.vocabulary:
        return None
    first = i
    while first > 0 and _is_coordinated(clauses[first - 1], clauses[first]):
        first -= 1
    last = i
    while last + 1 < len(clauses) and _is_coordinated(clauses[last], clauses[last + 1]):
        last += 1
    head = clauses[first]
    if last == first or head.verb is None:
        return None
    items = _items(sentence, head.start, head.verb)
    if len(items) != last - first + 1:
        return None
    item = text_of(sentence, *items[i - first])
    return f"{item} {head.text(head.verb, head.begin) or ''}".strip() if item else None


def _is_coordinated(left: Clause, right: Clause) -> bool:
    gap = left.sentence.words(left.finish, right.begin)
    return 0 < len(gap) <= 2 and all(word in (",", "and", "or") for word in gap)


def _items(sentence: Sentence, first: int, last: int) -> list[tuple[int, int]]:
    """The spans of the items of "A, B and C"."""
    items, start = [], first
    for j in range(first, last + 1):
        if j == last or sentence.word(j) in (",", "and", "or"):
            if j > start:
                items.append((start, j))
            start = j + 1
    return items


# ---------------------------------------------------------------- a verb or a subject left out


def _elliptic(clauses: list[Clause], i: int, previous: str) -> str | None:
    """The measure before, where the own verb is left out: "only 27% of patients did", "and just 3% of the walls"."""
    clause, before = clauses[i], clauses[i - 1]
    if _is_compared(clause):
        return previous
    is_last = clause.whole is None and not clause.sentence.begins_word(clause.finish)
    if is_last and clause.verb is None and (fronted_people(clause) or _is_in_front(clause)):
        return previous  # "among boys 94% could swim, among girls 52%", "in 2019, 27%"
    after = clause.finish if clause.whole is None else clause.whole[1]
    ends = not clause.sentence.begins_word(after)
    if clause.word(after) in _ELLIPTIC and not clause.sentence.begins_word(after + 1):
        return _verb_between(clauses, i) or previous
    has_participle = clause.word(after) == "," and clause.word(after + 1).endswith("ed")  # "in 21% of cases, changed"
    if clause.whole is None or before.whole is None or not ends or has_participle:
        return None
    if clause.figure.rule == before.figure.rule == "ratio.pair":
        first = after_period(clause.sentence, before.whole[1])
        if clause.sentence.words(first, clause.begin) in _AND:
            return previous  # "occurs in 1 in 4,000 men and 1 in 8,000 women"
    lead = clause.word(clause.begin - 1)
    is_repeated = lead in _OWN_RIGHT and lead == before.word(before.begin - 1)
    if is_repeated and clause.sentence.words(before.whole[1], clause.begin - 1) in _AND:
        return previous  # "for 60% of women and for 45% of men"
    if clause.verb is not None and _last_joint(clauses, i) is None:
        return None
    is_joined = not _JOINTS.isdisjoint(clause.sentence.words(before.finish, clause.begin))
    return previous if is_joined and not _follows_verb_in_list(clauses, i) else None


_AND = (("and",), (",", "and"), (",",), ("but",), (",", "but"))


def _is_compared(clause: Clause) -> bool:
    """Whether the figure is only compared with the one before: "27%, compared with 19% a year earlier"."""
    first = clause.begin - 3
    before = clause.sentence.words(first, clause.begin)
    is_compared = "compared" in before and before[-1] in ("with", "to")
    is_from = before[-2:] == (",", "from")  # "fell to 3%, from 9% in 2018"
    return (
        is_compared
        or is_from
        or before[-2:] in _INSTEAD
        or before[-1] in ("against", "versus", "vs")
        or before[-2:] in (("up", "from"), ("down", "from"))
    )


def _is_in_front(clause: Clause) -> bool:
    """Whether only a phrase with its comma precedes the figure: "; in 2019, 27%"."""
    return clause.word(clause.begin - 1) == "," and fronted_phrase(clause) is not None


def _verb_between(clauses: list[Clause], i: int) -> str | None:
    """The verb phrase of a clause between two figures: "a ride is $3; pupils ride free, and 20% of riders do"."""
    clause, floor = clauses[i], clauses[i].previous or 0
    joints = [j for j in range(floor, clause.begin) if clause.word(j) in _JOINTS]
    if len(joints) < 2 or joints[-1] + 1 != clause.begin:
        return None
    last = joints[-1] - (joints[-1] - 1 in joints)
    first = next((j + 1 for j in reversed(joints) if j + 1 < last), floor)
    verb = last_verb(clause.sentence, first, last)
    return None if verb is None else clause.text(verb, last)


_INSTEAD = (("instead", "of"), ("rather", "than"))


def _follows_verb_in_list(clauses: list[Clause], i: int) -> bool:
    """Whether the figures of the list are objects of the verb before them: "covers 90% of X, 70% of Y"."""
    return any(clause.verb is not None for clause in clauses[max(0, i - _LONGEST_LIST) : i])


def _shared_verb_before(clause: Clause, previous: str) -> str | None:
    """The verb of the measure before with the figure's own object: "41% complained about bills, 28% about delays"."""
    preposition = clause.word(clause.finish)
    is_about = preposition == "about" and clause.finish + 1 not in clause.sentence.number_at
    if clause.previous is None or clause.whole is not None or clause.verb is not None:
        return None
    if preposition not in _OWN_RIGHT and not is_about:
        return None
    head, found, _ = previous.partition(f" {preposition} ")
    own = clause.text(clause.finish, end_in_clause(clause, clause.finish))
    is_joined = clause.word(clause.begin - 1) in _JOINTS
    return f"{head} {own}" if found and own and is_joined else None


def _shared_verb_of_object(clause: Clause, previous: str) -> str | None:
    """The verb of the measure before with the figure's own object: "33% had a small fault and 12% a grave one"."""
    if clause.previous is None or clause.whole is not None:
        return None
    lead = clause.begin - 1 - (clause.word(clause.begin - 1) in ("in", "for"))
    if clause.word(clause.finish) not in _OBJECT_OPENERS or clause.word(lead) not in _JOINTS:
        return None
    said = previous.split()
    first = next((j for j, word in enumerate(said) if word in _OBJECT_OPENERS), 0)
    own = clause.text(clause.finish, end_in_clause(clause, clause.finish))
    is_said = first and not lexicon().verbs.isdisjoint(word.lower() for word in said[:first])
    return f"{' '.join(said[:first])} {own}" if own and is_said else None


_OBJECT_OPENERS = words("a an the another no one")


def _measure_for_pronoun(clause: Clause, previous: str) -> str | None:
    """The measure before, where only a pronoun refers to it: "this year it is $1,900"."""
    if clause.verb is None or clause.verb <= clause.start:
        return None
    is_pronoun = clause.word(clause.verb - 1) in ("it", "they") and clause.word(clause.complement - 1) in _COPULAS
    return previous if is_pronoun else None


def _shared_subject(clauses: list[Clause], i: int) -> str | None:
    """The subject of the clause before and the figure's own verb: "Rates are 2% but" "can reach 9%"."""
    clause = clauses[i]
    if i == 0 or clause.verb is None or clause.verb > clause.start or clause.word(clause.start - 1) not in _JOINTS:
        return None
    before = clauses[i - 1]
    subject = before.text(before.start, before.begin if before.verb is None else before.verb)
    if subject is None or len(subject.split()) > PHRASE_REACH // 2:
        return None
    own = clause.text(clause.verb, clause.begin)
    return f"{subject} {own}" if own else subject
