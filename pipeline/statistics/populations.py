"""Finds whom or what a figure is about, in the text's own words."""

import re
from functools import lru_cache

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.clauses import Clause, fronted_people, has_owner, item_after
from pipeline.statistics.kinds import is_person
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import COUNT, MONEY, MULTIPLIER, PERCENT, RATIO, Context, OwnPopulation, Sentence
from pipeline.statistics.phrases import first_people_noun, is_verb, last_verb, phrase_end, text_of
from pipeline.statistics.tokenizer import lower_same_length, read_sentence

__all__ = ["own_population", "resolve_population"]

_POINTING = frozenset({"these", "those", "such", "them", "they"})
_HEADLESS = frozenset({"cases", "case", "them", "those", "these", "they", "whom", "which"})
_ATTRIBUTES = words(
    """affected older young younger pregnant american african white black hispanic such the these those most some many
    all healthy adult infected other"""
)


def own_population(clause: Clause, is_first: bool, attribution: str | None) -> OwnPopulation:
    """Whom or what a figure is about by its own clause; `is_first`: it is the first figure of its sentence."""
    if clause.figure.rule == "ratio.part" and not is_first:
        return OwnPopulation(None, is_previous=True)
    own = _one_before(clause) or _plausible(clause, _named_population(clause))
    named = own or _people_right_else_left(clause)
    if named and attribution and named in attribution:
        named = own = None  # who says it: "said Lena Ortiz of the tenants' union"
    return OwnPopulation(
        named,
        is_open=own is None and not is_first and clause.verb is None and not _has_own_complement(clause),
        is_settled=named is not None and (clause.figure.kind == COUNT or not _is_pointing(named)),
        is_subject=named is None and _is_bare_subject(clause),
        is_headless=named is not None and named.lower().split()[-1] in _HEADLESS,
    )


def resolve_population(own: OwnPopulation, previous: str | None, context: Context, role: str) -> str | None:
    """Whom or what a figure is about; `previous`, the population of the figure before, where the clause refers back."""
    if own.is_previous or (own.is_open and previous):
        return previous
    if own.is_headless and previous:
        return previous
    if own.is_settled:
        return own.named
    if own.is_subject and context.before:
        return _person_phrase(context.before[0], None)  # "These patients were followed. 22% had asked a surgeon."
    return _antecedent(own.named, context, role) or own.named


def _has_own_complement(clause: Clause) -> bool:
    """Whether a sum says itself for whom or what it is: "$210 for patients and $60 for relatives", "$40 (groups)"."""
    return clause.figure.kind == MONEY and (clause.word(clause.finish) == "for" or item_after(clause) is not None)


def _is_bare_subject(clause: Clause) -> bool:
    """Whether a share without a noun opens the sentence as its subject: "22% had asked another surgeon"."""
    is_share = clause.figure.kind in (PERCENT, RATIO) and clause.whole is None
    return is_share and clause.begin == 0 and is_verb(clause.sentence, clause.finish)


_NO_POPULATION = words("time times")
_PRONOUNS = words("it he she this that i you")
_POINTING_BACK = ("them", "these", "those")
_POSSESSIVES = words("their his her its your my our")


def _plausible(clause: Clause, named: str | None) -> str | None:
    """What a clause names, unless it is no population: "the time", "their income" of people left of the figure."""
    if named is None:
        return None
    first, last = named.lower().split()[0], named.lower().split()[-1]
    if first in _POSSESSIVES and clause.figure.kind in (PERCENT, RATIO):
        return _people_between(clause, max(0, clause.begin - CLAUSE_REACH), clause.begin) or named
    if last in _NO_POPULATION and clause.verb is not None:
        return _plural_subject(clause, clause.verb, clause.verb - clause.start <= PHRASE_REACH // 2)
    if named.lower() in _POINTING_BACK and not clause.sentence.tokens[0].start and clause.word(0).endswith("s"):
        return clause.text(0, 1) if clause.begin > PHRASE_REACH // 3 else named  # "Appeals succeed: ... 47% of them"
    return None if last in _NO_POPULATION or named.lower() in _PRONOUNS else named


def _is_pointing(named: str) -> bool:
    """Whether a population only points back: "these patients", "them", "cases" alone."""
    plain = named.lower().split()
    return plain[0] in ("these", "such", "them", "they", "he", "she") or (
        len(plain) == 1 and plain[0] in _POINTING - {"those"}
    )


def _named_population(clause: Clause) -> str | None:
    """Whom the clause itself names: the whole of a share, who has the chance, the people left of the figure."""
    sentence, figure = clause.sentence, clause.figure
    item = item_after(clause)
    listed = _people_between(clause, *item) if item else None
    if listed is not None:
        return listed  # "$15 (adults), $8 (children)"
    if clause.word(figure.finish) == "per" and is_person(clause.word(figure.finish + 1)):
        return clause.text(figure.finish + 1, figure.finish + 2)  # "$6,000 per person"
    noun = "" if figure.noun is None else sentence.word(figure.noun)
    if figure.noun is not None and clause.whole and noun in lexicon().sources and noun not in lexicon().people:
        person = first_people_noun(sentence, figure.noun + 1, clause.whole[1] + 6)
        if person is not None:
            return text_of(sentence, person, phrase_end(sentence, person))
    if figure.kind == COUNT and clause.word(clause.begin - 1) == "with" and clause.word(clause.begin - 2).endswith("s"):
        return clause.text(clause.start, clause.begin - 1)  # "firms with more than 50 workers"
    if has_owner(clause):
        return _people_between(clause, clause.start, clause.begin)
    person = None
    if figure.rule == "ratio.pair":  # "one woman in eight"
        person = next((i for i in range(figure.first, figure.last) if is_person(sentence.word(i))), None)
    if clause.whole:
        named = _people_of_threshold(clause) or clause.text(*clause.whole)
        is_described = person is not None and clause.word(clause.whole[0]) in ("who", "with")
        return f"{sentence.written(person)} {named}" if is_described and person is not None else named
    if person is not None:
        return clause.text(person, person + 1)
    opening = (fronted_people(clause) if figure.kind in (PERCENT, RATIO) else None) or _opening_whole(clause)
    if opening:
        return opening
    is_had = clause.verb is not None and clause.begin - clause.complement <= 1
    if is_had and clause.word(clause.complement - 1) in ("has", "have", "had", "face", "faces"):
        return clause.text(clause.start, clause.verb or clause.start)
    if figure.kind == MONEY and is_had and clause.word(clause.complement - 1) in _SPENDS and clause.verb is not None:
        payers = _plural_subject(clause, clause.verb) or _person_subject(clause, clause.verb)
        if payers is not None:
            return payers
    is_own = clause.previous is not None and _has_own_complement(clause)
    people = None if is_own else _people_between(clause, clause.start, clause.begin)
    if people is None and figure.kind == MULTIPLIER and clause.verb is not None:
        return _plural_subject(clause, clause.verb)
    return people


_SPENDS = words(
    "spend spent spends lose lost loses earn earned earns owe owed owes contribute contributed pay pays paid"
)


_LIMITS = words("level line limit limits guideline guidelines threshold poverty")


def _people_of_threshold(clause: Clause) -> str | None:
    """The people to whom "300% of the poverty level" applies, where they are named left of the figure."""
    if clause.whole is None or clause.figure.kind not in (PERCENT, RATIO):
        return None
    if clause.word(clause.whole[1] - 1) not in _LIMITS:
        return None
    return _people_between(clause, max(0, clause.begin - CLAUSE_REACH), clause.begin)


def _opening_whole(clause: Clause) -> str | None:
    """What opens the sentence as the whole of a share: "Of the bills that families disputed, 46% were cut"."""
    sentence = clause.sentence
    if clause.figure.kind not in (PERCENT, RATIO) or sentence.word(0) not in ("of", "among"):
        return None
    comma = next((i for i in range(1, min(clause.begin, CLAUSE_REACH)) if sentence.word(i) == ","), clause.begin)
    if comma == clause.begin and last_verb(sentence, 1, comma) is not None:
        return None  # "Of denied claims 39% are appealed" has no verb before its figure
    first = 1
    while first < comma and (first in sentence.number_at or sentence.word(first) in _POINTERS):
        first += 1
    if sentence.word(first) in ("who", "with"):
        return text_of(sentence, first - 1, comma)  # "those who write to us"
    last = next((i for i in range(first + 1, comma) if sentence.word(i) in _RELATIVES), comma)
    return text_of(sentence, first, last)


_POINTERS = words("the these those all our its their")
_RELATIVES = words("that which whose sent")  # "who" begins what the people have in common


def _plural_subject(clause: Clause, verb: int, is_any: bool = False) -> str | None:
    """The subject of a comparison, if it is a plural: "some hospitals" that charge 5 times as much.

    `is_any`: also a longer one, and one that only is something: "appeals" that "are successful 44% of the time".
    """
    is_copula = clause.word(verb) in ("is", "are", "was", "were")
    is_plural = any(clause.word(i).endswith("s") for i in range(clause.start, verb))
    is_short = verb - clause.start <= PHRASE_REACH // 3
    return clause.text(clause.start, verb) if is_plural and (is_any or (is_short and not is_copula)) else None


def _one_before(clause: Clause) -> str | None:
    """Another one of what the figure before is about: "a gold plan has a $1,000 deductible, a bronze one $7,500"."""
    if clause.previous is None:
        return None
    last = clause.begin - (clause.word(clause.begin - 1) in ("a", "an"))
    if clause.word(last - 1) != "one" or clause.word(last - 3) not in ("a", "the"):
        return None
    return clause.text(last - 3, last)


def _person_subject(clause: Clause, verb: int) -> str | None:
    """The subject of a verb of paying, if it names a kind of person: "the average household", not "my uncle"."""
    is_short = verb - clause.start <= PHRASE_REACH // 3 and clause.word(clause.start) in ("a", "an", "the", "each")
    is_kind = is_short and any(is_person(clause.word(i)) for i in range(clause.start, verb))
    return clause.text(clause.start, verb) if is_kind else None


def _people_right_else_left(clause: Clause) -> str | None:
    """People named right of the figure, else anywhere left of it."""
    is_own = clause.previous is not None and _has_own_complement(clause)
    left, right = clause.begin if is_own else max(0, clause.begin - CLAUSE_REACH), clause.end
    if ";" in clause.sentence.vocabulary:
        left = next((i + 1 for i in range(clause.begin - 1, left - 1, -1) if clause.word(i) == ";"), left)
        right = next((i for i in range(clause.finish, right) if clause.word(i) == ";"), right)
    return _people_between(clause, clause.finish, right) or _people_between(clause, left, clause.begin)


def _people_between(clause: Clause, first: int, last: int) -> str | None:
    sentence = clause.sentence
    person = first_people_noun(sentence, first, last)
    while person is not None and sentence.word(person + 1) in ("'", "’") and sentence.is_word(person + 2):
        person = first_people_noun(sentence, person + 2, last)  # "the visitors' garage" is about a garage
    return None if person is None else _around(sentence, person, first, last)


def _around(sentence: Sentence, person: int, first: int, last: int) -> str | None:
    """The phrase around a noun for people, between tokens `first` and `last`."""
    start = person
    while start > first and sentence.word(start - 1) in _ATTRIBUTES:
        start -= 1
    end = min(phrase_end(sentence, person), max(last, person + 1))
    while end > person + 1 and sentence.word(end - 1).endswith("ing"):
        end -= 1  # "individuals earning" before "$75,000"
    while end > person + 1 and sentence.word(end - 1) in _LEADS:
        end -= 1  # "families with an income of" before "$30,000"
    return text_of(sentence, start, end)


_LEADS = words("of in for at with from to by about than")


def _antecedent(named: str | None, context: Context, role: str) -> str | None:
    """Whom "these patients", "cases" or nobody named means: people of the sentences before, of the question."""
    if role == "anecdote":
        return _proper_name(context.question)
    noun = named.lower().split()[-1] if named and len(named.split()) > 1 else None
    for earlier in context.before:
        found = _person_phrase(earlier, noun) if named else None
        if found:
            return found
    if role == "source_qualifier":
        return None  # "44% were returned" is said of forms, not of those the question asks about
    return _person_phrase(context.question, None) if context.question else None


@lru_cache(maxsize=128)  # many figures ask for the same question
def _person_phrase(text: str, noun: str | None) -> str | None:
    """The first phrase about people in a text; with `noun`, only one headed by that noun."""
    if not _may_name(lower_same_length(text), noun):
        return None
    sentence = read_sentence(text, 0, len(text))
    for i in range(len(sentence.tokens)):
        if sentence.word(i) == noun or (noun is None and sentence.word(i) in lexicon().people):
            return text_of(sentence, i, phrase_end(sentence, i))
    return None


_LETTERS = re.compile("[a-z]+")


def _may_name(small: str, noun: str | None) -> bool:
    """Whether a text in small letters may name people, or have a noun for them; most questions name nobody."""
    if noun is not None:
        return noun in small
    return "fold" in small or not lexicon().people.isdisjoint(_LETTERS.findall(small))  # "fold" may be torn off


def _proper_name(text: str | None) -> str | None:
    """The first capitalised word of a question after its first word: whom a story is about."""
    for word in (text or "").split()[1:]:
        name = re.sub(r"['’]s\b|[?,.]", "", word)
        if name[:1].isupper() and not name.isupper():
            return name
    return None
