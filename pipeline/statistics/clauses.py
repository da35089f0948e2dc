"""Cuts the clause of a figure out of its sentence."""

from typing import NamedTuple

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.attribution import is_source_before
from pipeline.statistics.kinds import is_person
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import MONEY, MULTIPLIER, PERCENT, RATIO, Figure, Sentence
from pipeline.statistics.numbers import HYPHENS
from pipeline.statistics.phrases import (
    ARTICLES,
    MARKS_END,
    PER,
    PREPOSITIONS,
    after_period,
    first_people_noun,
    is_capital_inside_sentence,
    is_verb,
    last_verb,
    opens_clause,
    phrase_end,
    text_of,
)

__all__ = [
    "LIMITS_NOTHING",
    "OUTCOMES",
    "Clause",
    "clause_at",
    "clause_start",
    "counted_phrase",
    "end_in_clause",
    "fronted_people",
    "fronted_phrase",
    "has_owner",
    "item_after",
    "label_of",
]


class Clause(NamedTuple):
    """The clause of a figure: tokens `start` to before `end`, the figure with its qualifiers inside."""

    sentence: Sentence
    figure: Figure
    start: int
    previous: int | None  # token after the figure before it
    begin: int  # of the figure
    finish: int  # after its period: "$5 a month"
    end: int
    verb: int | None  # first token of the verb left of the figure
    complement: int  # first token after that verb
    whole: tuple[int, int] | None  # tokens of "patients with cancer" in "66 % of patients with cancer have"

    def word(self, i: int) -> str:
        """The token at `i` in lower case, as `Sentence.word`, without the second call: 58,000 of 2.5 million."""
        try:
            return self.sentence.lower[i]
        except IndexError:
            return ""

    def text(self, first: int, last: int) -> str | None:
        return text_of(self.sentence, first, last)


_REPORTED = words("estimated thought believed likely")
_BOUNDARIES = words(", – — and but while whereas where because if when although since")
_VERB_GROUP = words(
    """is are was were be been being has have had may might can could will would should must do does did not also still
    often usually typically only likely to found estimated thought believed reported shown known expected said"""
)
OUTCOMES = words(
    "chance chances risk probability likelihood odds rate increase decrease reduction drop rise decline improvement"
)
_OPENERS = words("of in among for")  # between a share and its whole


def clause_at(sentence: Sentence, figures: list[Figure], i: int) -> Clause:
    """The clause around `figures[i]`; neighbours on either side close it."""
    figure = figures[i]
    begin, finish = figure.begin, after_period(sentence, figure.finish)
    previous = after_period(sentence, figures[i - 1].finish) if i else None
    floor = max(begin - CLAUSE_REACH, previous or 0)
    if previous is not None and "(" in sentence.vocabulary:
        floor = _after_bracket(sentence, figures[i - 1], floor, begin)
    end = figures[i + 1].begin if i + 1 < len(figures) else len(sentence.tokens)
    start = _after_date(sentence, clause_start(sentence, floor, begin), begin)
    if start == previous and sentence.word(start) == "of":
        start = min(phrase_end(sentence, start + 1), begin)  # "10% of the population owns 60% of the land"
    noun = figures[i - 1].noun if i else None
    if noun is not None and start <= noun and sentence.word(phrase_end(sentence, noun)) in ARTICLES:
        start = min(phrase_end(sentence, noun), begin)  # "in 30 patients the rate was 6 percent"
    verb = last_verb(sentence, start, begin)
    complement = begin
    if verb is not None:
        complement = verb + 1
        while verb > start and sentence.word(verb - 1) in _VERB_GROUP:
            verb -= 1
    whole = _whole(sentence, figure, finish, end)
    if whole is not None and whole[0] <= end < whole[1]:  # "half of the 1,500 adults said ..."
        end = figures[i + 2].begin if i + 2 < len(figures) else len(sentence.tokens)
    if whole is not None and sentence.word(begin - 1) in ("in", "for", "among"):
        is_those = i > 0 and sentence.word(whole[1] - 1) == "those"  # "but in 6% of those filed online"
        if is_those or (verb is not None and verb > start):
            whole = (whole[0], _after_participle(sentence, whole[1], end))
    return Clause(sentence, figure, start, previous, begin, finish, end, verb, complement, whole)


def clause_start(sentence: Sentence, floor: int, begin: int) -> int:
    """First token of the clause that ends at a figure.

    A reported clause starts after "that", any clause after a semicolon or an open bracket; after a comma
    or a conjunction only if there is a verb on either side ("medications and injections cost" is one clause).
    """
    if floor and sentence.word(begin - 1) == "," and is_verb(sentence, floor):
        return begin  # "37 % had two, 29 % had three"
    closed, reporting = 0, lexicon().source_verbs
    for i in range(begin - 1, floor - 1, -1):
        word = sentence.lower[i]
        closed += (word == ")") - (word == "(")
        if word in (";", ":") or closed < 0 or (word == "that" and _is_report(sentence, i - 1)):
            return i + 1
        if word in ("put", "puts") and not closed and _has_source_subject(sentence, i):
            return i + 1  # "the report puts the bill at $300"
        is_boundary = not closed and (word in _BOUNDARIES or (word in reporting and _has_source_subject(sentence, i)))
        if not is_boundary or last_verb(sentence, i + 2, begin) is None:
            continue
        follows_figure = word == "," and (floor > 0 or sentence.word(floor) in _SUBORDINATES)
        if word not in (",", "and", "or") or follows_figure or last_verb(sentence, floor, i) is not None:
            return i + 1
    return _after_opening(sentence, floor, begin)


def _after_bracket(sentence: Sentence, before: Figure, floor: int, begin: int) -> int:
    """The token after the bracket that the figure before opens or stands in: "12% (95% CI 9-15) in men and 5%"."""
    if sentence.word(floor) == ")":
        return floor
    is_open = sentence.word(before.finish) == "("
    closing = next((j for j in range(floor, begin) if sentence.word(j) == ")"), begin)
    if closing == begin or (not is_open and "(" in sentence.words(floor, closing)):
        return floor
    return closing + 1 if sentence.word(closing + 1) in _LISTING or not is_open else floor


_LISTING = words(", ; and or")
_SUBORDINATES = words("if when once unless because")  # "If you cancel late, you pay a fee of $90"


def _is_report(sentence: Sentence, i: int) -> bool:
    """Whether what "that" after token `i` introduces is reported: "found that", "it is estimated that"."""
    return sentence.word(i) in lexicon().source_verbs or sentence.word(i) in _REPORTED


def _has_source_subject(sentence: Sentence, i: int) -> bool:
    """Whether a source is subject of the reporting verb at `i`: "one study shows it can ..."."""
    return is_source_before(sentence, i)


_OPENING = words("in according each every during among for since however on also additionally overall at if when once")


def _after_opening(sentence: Sentence, floor: int, begin: int) -> int:
    """The token after "In the United States," or "For unknown reasons," where a clause opens with it."""
    if sentence.word(floor) not in _OPENING:
        return floor
    commas = [i for i in range(floor, begin - 1) if sentence.word(i) == ","]
    verb = last_verb(sentence, floor, begin)
    subjects = [i for i in commas if verb is None or i + 1 < verb]
    return (subjects[-1] if verb is not None and subjects else commas[0]) + 1 if commas else floor


_DATING = words("in since by during between from until till around")
_JOINS_YEARS = words("and to through , - – —")


def _after_date(sentence: Sentence, start: int, begin: int) -> int:
    """The token after "In 2008" or "Between 1990 and 2010", where a clause opens with it."""
    i = start + 1
    if sentence.word(start) not in _DATING or not _is_year(sentence, i):
        return start
    while i < begin and (_is_year(sentence, i) or sentence.word(i) in _JOINS_YEARS):
        i += 1
    return i if i < begin else start


def _is_year(sentence: Sentence, i: int) -> bool:
    return sentence.is_digits(i) and len(sentence.word(i)) == 4 and sentence.word(i)[:2] in ("17", "18", "19", "20")


_POINTERS = words("the a an all these those its their his her our")


def _whole(sentence: Sentence, figure: Figure, finish: int, end: int) -> tuple[int, int] | None:
    """The tokens of what the figure is a share of, or counts; they stop before the next figure at `end`."""
    whole = _unbounded_whole(sentence, figure, finish)
    if whole is None or not whole[0] < end < whole[1]:
        return whole
    is_led = sentence.word(end - 1) in _POINTERS or sentence.word(end - 1).endswith(("'s", "’s"))
    return whole if is_led else (whole[0], end)  # "half of the city's 88 parks"


def _has_people(sentence: Sentence, first: int) -> bool:
    """Whether the phrase at `first` is about people: "for children", "for each person"."""
    last = min(first + 4, phrase_end(sentence, first))
    is_one = sentence.word(first) in _ONE_EACH and any(_is_head_person(sentence, i) for i in range(first + 1, last))
    return is_one or first_people_noun(sentence, first, last) is not None


def _is_head_person(sentence: Sentence, i: int) -> bool:
    """Whether the word at `i` names a person and heads its phrase: "a single adult", not "an expert opinion"."""
    after = sentence.word(i + 1)
    return is_person(sentence.word(i)) and (not sentence.is_word(i + 1) or after in PREPOSITIONS | {"who", "aged"})


_ONE_EACH = words("each every one a an the")

_DIRECTIONS = words("north south east west city country countryside region state district county world year month")


_TIMES = words("years months weeks days hours minutes decades decade century time")


def is_place_or_time(sentence: Sentence, i: int) -> bool:
    """Whether "in" at the token before leads to a place or a time, of which nothing is a share: "12% in Lagos"."""
    i += sentence.word(i) in _POINTERS
    return (
        sentence.word(i) in _DIRECTIONS
        or sentence.word(phrase_end(sentence, i) - 1) in _TIMES  # "in three years", "in recent weeks"
        or (sentence.is_word(i) and is_capital_inside_sentence(sentence, i))
        or _is_year(sentence, i)
    )


def _unbounded_whole(sentence: Sentence, figure: Figure, finish: int) -> tuple[int, int] | None:
    if figure.noun is not None:
        return min(finish, figure.noun), phrase_end(sentence, figure.noun)
    if sentence.words(finish, finish + 2) == (",", "or"):  # "17 percent, or 36 million, of all adults"
        closing = next((j for j in range(finish + 2, finish + PHRASE_REACH) if sentence.word(j) == ","), finish)
        finish = closing if sentence.word(closing + 1) == "of" else finish
    finish += sentence.word(finish) == "," and sentence.word(finish + 1) == "of"  # "nearly all, 97%, of our plans"
    finish = _after_interval(sentence, finish)
    after = sentence.word(finish + 1)
    if figure.rule == "ratio.fraction" and sentence.word(finish) == "the":  # "half the fish were male"
        last = phrase_end(sentence, finish)
        return (finish, last) if is_verb(sentence, last) else None
    if sentence.word(finish) == "in" and is_place_or_time(sentence, finish + 1):
        return None
    if sentence.word(finish) in _OPENERS and after and figure.kind != MULTIPLIER:
        if after.isdigit() and figure.kind in (PERCENT, RATIO) and sentence.is_word(finish + 2):
            return finish + 2, phrase_end(sentence, finish + 2)  # "78% of 214 referrals"
        is_other = figure.kind == MONEY and not _has_people(sentence, finish + 1)
        return None if is_other or after.isdigit() else (finish + 1, phrase_end(sentence, finish + 1))
    is_digits = figure.rule == "ratio.fraction" and sentence.is_digits(figure.first)  # "25/30 patients"
    is_pair = (figure.rule == "ratio.pair" or is_digits) and sentence.is_word(finish)
    if (
        is_pair
        and after
        and finish not in sentence.number_at  # "7 in 10 five years ago"
        and sentence.word(finish) not in ("a", "an")
        and not is_verb(sentence, finish)
        and sentence.word(finish) not in OUTCOMES
    ):
        return finish, phrase_end(sentence, finish)
    return None


def _after_interval(sentence: Sentence, i: int) -> int:
    """The token after the bracket at `i` that gives the error of a figure: "88% (95% CI 84-91) of the cases"."""
    if sentence.word(i) != "(":
        return i
    last = next((j for j in range(i, i + PHRASE_REACH) if sentence.word(j) == ")"), i)
    is_interval = not _INTERVALS.isdisjoint(sentence.words(i, last)) and sentence.word(last + 1) in _OPENERS
    return last + 1 if is_interval else i


_INTERVALS = words("ci interval range iqr sd se")


def _after_participle(sentence: Sentence, last: int, end: int) -> int:
    """Where a whole that ended at `last` ends with the participle after it: "wrong in 18% of the patients referred".

    The verb of the clause is left of the figure, so this one only describes the whole.
    """
    if not sentence.word(last).endswith("ed") or sentence.word(last + 1) in ARTICLES:
        return last
    return min(phrase_end(sentence, last), end)


_BEFORE_SPAN = words("within in after for before until over")  # "stop within a month" says how long
_TURNS = words("but while whereas although")


def end_in_clause(clause: Clause, first: int) -> int:
    """Where a phrase that began at `first` ends: at punctuation, a new clause, a period or the next figure."""
    last = min(clause.end, first + PHRASE_REACH)
    for i in range(first, last):
        word = clause.word(i)
        if word in MARKS_END or clause.sentence.tokens[i].sort == "skip":
            return _without_lead(clause, first, i)
        is_new = word in _TURNS or (word in ("and", "or") and opens_clause(clause.sentence, i + 1))
        is_period = word in PER and clause.word(i + 1) in lexicon().periods and clause.word(i - 1) not in _BEFORE_SPAN
        if (is_new and i > first + 1) or (is_period and i > first):
            return i
    return _without_lead(clause, first, last)


def _without_lead(clause: Clause, first: int, last: int) -> int:
    """`last` moved left over prepositions and articles that lead to the next figure."""
    while last > first and clause.word(last - 1) in PREPOSITIONS:
        last -= 1
    return last


def label_of(clause: Clause) -> tuple[int, int] | None:
    """The tokens of the label whose colon is before the clause: "Evening classes" of "Evening classes: you pay 20%"."""
    sentence = clause.sentence
    if ":" not in sentence.vocabulary:
        return None
    before = range(clause.start - 1, max(-1, clause.start - 1 - CLAUSE_REACH), -1)
    colon = next((i for i in before if sentence.word(i) in _ENDS_LABELLED), -1)
    if sentence.word(colon) != ":":
        return None
    first = colon
    while first > 0 and (sentence.is_word(first - 1) or sentence.word(first - 1) in HYPHENS | {"/"}):
        first -= 1
    is_line = first == 0 or sentence.word(first - 1) in (";", ".")
    is_short = 0 < colon - first <= PHRASE_REACH // 2
    if not is_line or not is_short or not LIMITS_NOTHING.isdisjoint(sentence.words(first, colon)):
        return None
    return None if last_verb(sentence, first, colon) is not None else (first, colon)


_ENDS_LABELLED = frozenset(":;.")
# Words of labels that limit nothing: they name a part of a paper, or call for attention.
LIMITS_NOTHING = words(
    """background objective objectives aim aims purpose design setting methods method results result findings finding
    conclusion conclusions discussion interpretation note notes nb tip tips answer example remember important warning
    reminder update correction summary reality fact facts truth why what how who when source sources rule thumb"""
)
_FRONTING = words("of among for in at with")
_BEFORE_FRONTED = words(", ; : and but or while whereas")
_ENDS_FRONTED = words(", ; :")
_PEOPLE_OF = words("of among for")
_GROUPS = words("group groups arm cohort ward class classes")


def fronted_phrase(clause: Clause) -> tuple[int, int] | None:
    """The tokens of the phrase in front of the figure that begins with a preposition: "in the north ward 19% of"."""
    sentence, last = clause.sentence, clause.begin
    if last == 0 or _FRONTING.isdisjoint(sentence.vocabulary):
        return None
    floor = max(clause.previous or 0, last - PHRASE_REACH)
    if clause.verb is not None and clause.word(clause.verb - 1) in ("it", "this", "that"):
        last = clause.verb - 1  # "among those under 50 it was 41%"
    last -= clause.word(last - 1) == ","
    lower = sentence.lower
    for i in range(last - 1, floor - 1, -1):
        if lower[i] in _FRONTING and (i == 0 or lower[i - 1] in _BEFORE_FRONTED):
            return (i, last) if last_verb(sentence, i, last) is None else None
        if lower[i] in _ENDS_FRONTED:
            return None
    return None


def fronted_people(clause: Clause) -> str | None:
    """Whom a phrase in front of the figure says it is about: "among the uninsured, 52%", "in the control group 19%"."""
    phrase = fronted_phrase(clause)
    if phrase is None:
        return None
    first, last = phrase
    is_about_people = clause.word(first) in _PEOPLE_OF or clause.word(last - 1) in lexicon().people | _GROUPS
    return clause.text(first + 1, last) if is_about_people else None


def item_after(clause: Clause) -> tuple[int, int] | None:
    """The words of the bracket right after a figure, up to a comma: not "(95% CI 2-4)", "(n = 40)" or "($40 less)"."""
    if (
        "(" not in clause.sentence.vocabulary
        or clause.word(clause.finish) != "("
        or clause.word(clause.begin - 1) == "("
    ):
        return None
    first, last = clause.finish + 1, clause.finish + 1
    while clause.sentence.is_word(last) or clause.word(last) in HYPHENS:
        last += 1
    is_item = clause.word(last) in (",", ";", ")") and last - first <= PHRASE_REACH // 2
    return (first, last) if is_item and last > first and len(clause.word(first)) > 1 else None


def has_owner(clause: Clause) -> bool:
    """Whether people have what is counted: "nurses have two colds a year"."""
    if clause.verb is None or clause.figure.noun is None or clause.word(clause.figure.noun) in lexicon().people:
        return False
    return first_people_noun(clause.sentence, clause.start, clause.verb) is not None


def counted_phrase(clause: Clause) -> str | None:
    """What a count counts: "quantitative studies"."""
    noun = clause.figure.noun
    return None if noun is None else clause.text(min(clause.finish, noun), noun + 1)
