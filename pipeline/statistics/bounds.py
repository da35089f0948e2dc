"""Reads the words around a value: the bounds on either side and the period it is counted over."""

from typing import Any

from pipeline.limits import LONGEST_BOUND_PHRASE
from pipeline.statistics.kinds import bound_phrase_at, is_person
from pipeline.statistics.lexicon import Phrases, lexicon, words
from pipeline.statistics.model import MONEY, MULTIPLIER, PERCENT, Figure, Sentence
from pipeline.statistics.numbers import HYPHENS
from pipeline.statistics.phrases import after_period, is_verb, last_verb, period_at

__all__ = ["BOUND_MARKS", "with_bounds", "with_period"]

_NEGATED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_NEGATIONS = words(
    "not never cannot don't doesn't didn't won't can't mustn't shouldn't wouldn't couldn't without nor no"
)
# Marks at the digits are part of the number as written, and so of the surface.
BOUND_MARKS = words("~ ∼ ≈ ≅ ≃ ± < > ≤ ≥ <= >= ⩽ ⩾ ≦ ≧ ＜ ＞")
_OPENERS = words("between from entre")

# ---------------------------------------------------------------- bounds


def with_bounds(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures with their relation, qualifiers and open ends; a bound on the first of a pair holds for both."""
    bounded: list[Figure] = []
    for figure in figures:
        figure = _bounded(sentence, figure)
        if bounded and _shares_bound(sentence, bounded[-1], figure):
            figure = _with_relation(figure, bounded[-1].relation)
        bounded.append(figure)
    return bounded


def _bounded(sentence: Sentence, figure: Figure) -> Figure:
    """The figure with the relation that the words on either side of it give."""
    relation, first = _bound_before(sentence, figure)
    after, qualifier_after = _bound_after(sentence, figure)
    if relation in ("=", "~") and after != "=":
        relation = after
    start = figure.first
    while sentence.word(start - 1) in BOUND_MARKS:
        start -= 1
    if relation == "=" and figure.relation == ">=":  # "60+%"
        relation = ">="
    is_loose = "~" in (relation, figure.relation)
    if figure.is_range:
        relation = "~range" if is_loose else "range"
    elif is_loose:
        relation = "~"
    around = {"first": start, "qualifier_first": first, "qualifier_after": qualifier_after}
    return _with_relation(figure, relation, **around)


def _with_relation(figure: Figure, relation: str, **around: Any) -> Figure:
    """The figure with one end open where `relation` says so, and the tokens `around` it."""
    low = None if relation in ("<", "<=") else figure.low
    high = None if relation in (">", ">=") else figure.high
    return figure._replace(relation=relation, low=low, high=high, **around)


def _bound_before(sentence: Sentence, figure: Figure) -> tuple[str, int | None]:
    """Relation and first token of the qualifiers that end at the figure; of several bounds the nearest holds."""
    known = lexicon()
    i, relation, first = figure.first, "=", None
    while i > 0:
        if sentence.word(i - 1) not in known.ends_before:
            break
        phrase = _phrase_until(sentence, i, known.before)
        if phrase == ("up", "to") and sentence.word(i - 3) in known.changing:
            break  # "went up to $890"
        is_extreme = phrase[:1] and phrase[0] in _EXTREMES and phrase[1:] in ((), ("of",))
        if is_extreme and _ends_noun(sentence, i - len(phrase)):
            break  # "the out-of-pocket maximum $8,050" names what is measured
        filler = phrase or _phrase_until(sentence, i, known.neutral)
        if not filler:
            break
        i -= len(filler)
        if phrase or filler not in known.fillers:
            first = i
        if phrase and relation in ("=", "~"):
            relation = known.before[phrase]
            if relation in _NEGATED and sentence.word(i - 1) in _NEGATIONS:
                relation, i = _NEGATED[relation], i - 1
                first = i
            elif relation in _NEGATED and sentence.word(i - 2) == "never" and is_verb(sentence, i - 1):
                relation = _NEGATED[relation]  # "you never pay more than $6,000"
    if relation == "=" and _is_limited(sentence, figure.first):
        return "<=", first
    if figure.is_range and sentence.word(i - 1) in _OPENERS:
        is_ranging = sentence.word(i - 2).startswith("rang") or sentence.word(i - 2) in ("anywhere", "somewhere")
        first = i - 2 if is_ranging else i - 1
    return relation, first


def _phrase_until(sentence: Sentence, i: int, phrases: Phrases | frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest phrase that ends right before token `i`; () when there is none."""
    for first in range(max(0, i - LONGEST_BOUND_PHRASE), i):
        phrase = sentence.words(first, i)
        if phrase in phrases:
            return phrase
    return ()


_EXTREMES = words("maximum minimum max min")


def _ends_noun(sentence: Sentence, i: int) -> bool:
    """Whether the word at `i` is the head of a noun phrase: an article or a possessive is a few words left of it."""
    before = sentence.words(max(0, i - LONGEST_BOUND_PHRASE - 2), i)
    article = next((j for j, word in reversed(list(enumerate(before))) if word in _NOUN_OPENERS), None)
    return article is not None and len(before) - article > 1 and not any(w in ",;:" for w in before[article:])


_NOUN_OPENERS = words("the a an its their your our this")
_LIMITING = words("limit limits limited limiting cap caps capped capping")
_LIMIT_REACH = 8  # tokens of what is limited: "limits claims of small shops to $3,000"


def _is_limited(sentence: Sentence, i: int) -> bool:
    """Whether a verb of limiting, its object and "to" precede token `i`: "limits claims to $3,000"."""
    return sentence.word(i - 1) == "to" and not _LIMITING.isdisjoint(sentence.words(i - _LIMIT_REACH, i))


_HYPHENATED = {"plus": ">=", "odd": "~", "some": "~"}  # "50,000-plus fans", "300-odd people"


def _bound_after(sentence: Sentence, figure: Figure) -> tuple[str, tuple[int, int] | None]:
    """Relation and tokens of the qualifier right after the figure, or after the noun it counts."""
    if sentence.word(figure.last) in HYPHENS and sentence.word(figure.last + 1) in _HYPHENATED:
        return _HYPHENATED[sentence.word(figure.last + 1)], (figure.last, figure.last + 2)
    for i in (figure.last, figure.last if figure.noun is None else figure.noun + 1):
        phrase = bound_phrase_at(sentence, i)
        is_sum = phrase == ("+",) and not sentence.is_glued(i)
        is_next = (
            phrase in (("maximum",), ("max",), ("minimum",), ("plus",), ("approximately",))
            and sentence.word(i + 1)[:1].isalnum()
        )
        if phrase and not is_sum and not is_next:
            return lexicon().after[phrase], (i, i + len(phrase))
    return "=", None


def _shares_bound(sentence: Sentence, left: Figure, right: Figure) -> bool:
    """Whether the bound of `left` holds for `right`: "below 1 % and 3 %", "no more than $5 for one and $9 for two"."""
    is_open = left.low is None or left.high is None
    is_same = (left.kind, left.unit) == (right.kind, right.unit) and left.kind in (PERCENT, MONEY)
    if not is_open or not is_same or left.qualifier_after or right.relation != "=":
        return False
    gap = sentence.words(left.last, right.first)
    if gap in (("and",), ("or",)):
        return True
    is_parallel = 2 < len(gap) <= 6 and gap[-1] in ("and", "or") and gap[0] == sentence.word(right.last)
    return left.kind == MONEY and is_parallel and gap[0] in ("for", "per", "in")


# ---------------------------------------------------------------- periods

# Tokens on either side in which the period is searched: "200 nurses in the whole country retire each year".
# Of 19 labelled periods 4 tokens after the figure reach 10, 8 reach 17, 14 all; 8 before it miss one, 14 and 30 none.
_REACH = 14
_REACH_BEFORE = 14
_PER = words("a per each every / p.a. p.a")
_OTHER_TIMES = words("hour hr h minute min night shift quarter")  # no period of the table
_FREQUENCY = words("times once twice hours minutes days time")  # "three times a day" is the frequency of something else
_WITHIN = words("within after than")  # "quit within a year", "waited longer than a month" are spans of time
_PAST_TIME = words("ago earlier later old")  # "up 4 % from a year ago"
_ENDS_CLAUSE = words("; . ( but while whereas")
_JOINTS = words("and or plus")
_COMPARED = words("to from , up down compared with against or than")
_BEFORE_EARLIER = {
    ("instead", "of"),
    ("up", "from"),
    ("down", "from"),
    (",", "from"),
    ("compared", "with"),
    ("compared", "to"),
}


def with_period(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures with the period they are counted over, where words beside them name one."""
    if sentence.vocabulary.isdisjoint(lexicon().periods):
        return figures
    timed: list[Figure] = []
    for i, figure in enumerate(figures):
        end = figures[i + 1].first if i + 1 < len(figures) else len(sentence.tokens)
        start = figures[i - 1].last if i else 0
        period = None
        if figure.kind != MULTIPLIER:
            period = _period_after(sentence, figure, end) or _period_before(sentence, figure, start)
        timed.append(figure._replace(period=period) if period else figure)
    for i in range(1, len(timed)):
        left, right = timed[i - 1], timed[i]
        if (left.period is None) != (right.period is None) and _shares_period(sentence, left, right):
            period = left.period or right.period
            timed[i - 1 : i + 1] = left._replace(period=period), right._replace(period=period)
    return timed


def _shares_period(sentence: Sentence, left: Figure, right: Figure) -> bool:
    """Whether the period of one of two sums holds for both.

    They are before and after ("from $900 to $1,100 a month"), for one and another ("$40 a year for adults and $20 for
    children") or what one and another pay ("adults pay $40 and children $20 a month").
    """
    if (left.kind, right.kind) != (MONEY, MONEY) or left.unit != right.unit:
        return False
    first, after = after_period(sentence, left.finish), after_period(sentence, right.finish)
    gap = sentence.words(first, right.begin)
    if gap and _COMPARED.issuperset(gap):
        return True
    if len(gap) < 2 or ";" in gap or last_verb(sentence, first, right.begin) is not None:
        return False
    if gap[-2:] in _BEFORE_EARLIER:
        return True  # "$312 a month on rent, up from $268"
    is_parallel = gap[-1] in _JOINTS and gap[0] in ("for", "in", "at", "with") and gap[0] == sentence.word(after)
    is_other_payer = gap[0] in (",", *_JOINTS) and len(gap) <= 4 and is_person(gap[-1])
    return is_parallel or is_other_payer


def _period_after(sentence: Sentence, figure: Figure, end: int) -> str | None:
    """The period right of a figure and before the next one: "a year", "each month", "/day", "annually"."""
    periods = lexicon().periods
    if sentence.word(figure.last) in _PER and sentence.word(figure.last + 1) in _OTHER_TIMES:
        return None  # "$3 per hour, with a daily maximum"
    for i in range(figure.last, min(end, figure.last + _REACH)):
        word = sentence.word(i)
        is_other = i in sentence.number_at and sentence.is_digits(i)  # "30 nurses paid for 900 hours a year"
        if word == "(" and sentence.word(i + 2) == ")" and sentence.word(i + 1).endswith("ly"):
            return periods.get(sentence.word(i + 1))  # "$45 (monthly)"
        if word in _ENDS_CLAUSE or (word == "," and i > figure.last + 3) or is_other:
            return None
        if word.endswith("ly") and word in periods:
            return None if sentence.word(i - 1) == "the" else periods[word]  # "until you reach the yearly limit"
        if word not in _PER or (word == "a" and sentence.word(i - 1) == ","):  # "$3, a day pass $8"
            continue
        if i > figure.last and sentence.word(i - 1) in _FREQUENCY | _WITHIN:
            return None
        if word in periods:
            return periods[word]
        if sentence.word(i + 1) in periods and sentence.word(i + 2) in _PAST_TIME:
            return None
        named = period_at(sentence, i)
        if named:
            return named[0]
    return None


def _period_before(sentence: Sentence, figure: Figure, start: int) -> str | None:
    """The period left of a figure: "annual cost of $5", "weekly benefit", "Each year, ..." for the whole sentence."""
    periods = lexicon().periods
    for i in range(figure.first - 1, max(start, figure.first - _REACH_BEFORE) - 1, -1):
        word = sentence.word(i)
        is_label = word == ":" and i == figure.first - 1  # "Price per month: $45"
        is_joint = word in _JOINTS and start > 0  # "a $30 monthly fee and a $10 charge"
        if (word in (";", ",", "(", ")", ":") and not is_label) or is_joint or sentence.is_digits(i):
            break
        if word == "annual" or (word.endswith("ly") and word in periods):
            return periods.get(word, "year")
        if (
            word in periods
            and sentence.word(i - 1) in ("each", "every", "per", "any")
            and (
                i <= 2
                or sentence.word(i - 2) in (",", "and")
                or (figure.kind == MONEY and sentence.word(i - 1) == "per")
            )
        ):
            return periods[word]
    first = sentence.word(0)
    if first.endswith("ly") and first in periods:
        return periods[first]
    opening = next((i for i in (0, 1) if sentence.word(i) in ("each", "every")), None)
    return periods.get(sentence.word(opening + 1)) if opening is not None and opening + 1 < figure.first else None
