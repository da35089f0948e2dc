"""Joins neighbouring numbers that are the two ends of one range or that share a unit."""

from pipeline.limits import CLAUSE_REACH
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import MONEY, PERCENT, RATIO, Figure, Sentence
from pipeline.statistics.numbers import DASHES
from pipeline.statistics.phrases import is_verb

__all__ = ["extend_percent_to_list", "holds_only_hedges", "is_change", "join_ranges", "join_ratio_ranges"]

TO = words("to through till until à")
_AND = words("and et &")
_BETWEEN = words("between entre")
_PER_UNIT = 4  # tokens that "per square metre" may put between the ends of a range of money


def join_ranges(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with the two ends of a range joined; a unit or magnitude on one end holds for both."""
    joined: list[Figure] = []
    for figure in figures:
        whole = _range(sentence, joined[-1], figure) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(figure)
    return joined


def _range(sentence: Sentence, left: Figure, right: Figure) -> Figure | None:
    """The range from `left` to `right`, or None when they are two figures."""
    if left.is_range or right.is_range or left.is_fraction != right.is_fraction:
        return None
    how = _joint(sentence, left, right)
    if how is None or is_change(sentence, left, right) or not _units_agree(sentence, left, right, how):
        return None
    if left.kind is None and right.kind is None and not _is_bare_range(sentence, left, right, how):
        return None
    a, b, unit = left.value, right.value, right if right.kind else left
    if left.magnitude == 1 and right.magnitude > 1 and 0 < a < b / right.magnitude:
        a *= right.magnitude  # "2 to 3 million"
    if how == "or" and not _are_alternatives(a, b):
        return None
    low, high = (a, a) if how == "±" else sorted((a, b))
    whole = unit._replace(first=left.first, last=right.last, low=low, high=high, magnitude=right.magnitude)
    rule = f"{unit.rule}.{'spread' if how == '±' else 'range'}"
    return whole._replace(rule=rule, relation="~" if how == "±" else "=", numerator=None, denominator=None)


_CHANGE_REACH = 8  # tokens from a verb of change to "from": "rose for the third year in a row from $2 to $3"


def is_change(sentence: Sentence, left: Figure, right: Figure) -> bool:
    """Whether two neighbours are before and after, or a change and a level: "fell from 9 to 5", "rose $2 to $13"."""
    if right.first >= len(sentence.tokens) or "to" not in sentence.words(left.last, right.first):
        return False
    before = sentence.word(left.first - 1)
    near = sentence.words(max(0, left.first - _CHANGE_REACH), left.first)
    if lexicon().changing.isdisjoint(near):
        return before == "from" and _has_change_before(sentence, left.first - _CHANGE_REACH)
    if before == "from" or (before == "to" and "from" in near):
        return True
    is_level = left.unit == right.unit and left.kind in (None, MONEY) and left.magnitude == right.magnitude
    is_level = is_level and (left.kind == MONEY or left.magnitude > 1)
    return is_level and (before == "by" or before in lexicon().changing)


def _has_change_before(sentence: Sentence, last: int) -> bool:
    """Whether a verb of change and "from" precede token `last`: "waits grew from 9 to 31 days, fees from $2 to $3"."""
    if last <= 0 or lexicon().changing.isdisjoint(sentence.vocabulary):
        return False
    verbs = (i for i in range(max(0, last - CLAUSE_REACH), last) if sentence.word(i) in lexicon().changing)
    return any("from" in sentence.words(i + 1, i + 4) for i in verbs)


def _are_alternatives(a: float, b: float) -> bool:
    """Whether "a or b" gives a range: "two or three", "10 or 15", not "2 or 10"."""
    return b - a == 1 or (0 < a < b <= 2 * a and a % 5 == 0 == b % 5)


def _joint(sentence: Sentence, left: Figure, right: Figure) -> str | None:
    """How two neighbours are joined: dash, to, and, or, ±; None when they are not."""
    gap = sentence.words(left.last, right.first)
    if left.kind == MONEY and gap[:1] and gap[0] in ("per", "a", "an", "/") and "to" in gap[:_PER_UNIT]:
        gap = gap[gap.index("to") :]  # "$20 per ton to $45 per ton"
    if left.kind is right.kind is None and gap[:1] and gap[0] in ("-", "fold", "times") and gap[1:2] == ("to",):
        gap = gap[1:]  # "two- to three-fold", "twofold to threefold"
    if not gap:
        return None
    if gap in (("±",), ("+/-",)):
        return "±"
    if len(gap) <= 2 and all(mark in DASHES for mark in gap):
        return "dash"
    if gap == ("or",) and left.kind is None:
        return "or"
    if gap[:2] == ("up", "to") and sentence.word(left.first - 1) == "from":
        gap = gap[1:]
    if gap[0] in TO:
        return "to" if holds_only_hedges(gap[1:]) else None
    is_pair = gap[0] in _AND and holds_only_hedges(gap[1:])
    return "and" if is_pair and _is_after_between(sentence, left.first) else None


def holds_only_hedges(gap: tuple[str, ...]) -> bool:
    """Whether words are bounds and fillers only: the "about" of "5 to about 10", the "over" of "5 to over 10"."""
    known = lexicon()
    while gap:
        size = next(
            (n for n in range(min(4, len(gap)), 0, -1) if gap[:n] in known.before or gap[:n] in known.neutral), 0
        )
        if not size:
            return False
        gap = gap[size:]
    return True


def _is_after_between(sentence: Sentence, i: int) -> bool:
    """Whether "between" precedes token `i`, ignoring bounds and fillers."""
    while i > 0 and holds_only_hedges(sentence.words(i - 1, i)):
        i -= 1
    return sentence.word(i - 1) in _BETWEEN


_CLOSED_BY = words("a per each for in on and or to depending with at")


def _units_agree(sentence: Sentence, left: Figure, right: Figure, how: str) -> bool:
    """Whether the ends can have one unit: the same on both, or written at one of them only."""
    if left.kind == right.kind:
        return left.unit == right.unit
    after = sentence.word(left.last)
    if left.kind is None and right.kind == MONEY and sentence.word(left.first - 1) == "in":
        return not _are_years(left.value, left.value)  # "from $4,100 in 2005 to $9,300"
    if left.kind is None:  # no noun of its own, and growing: "5 to 10 %", not "in 1961 to 6 %"
        is_counting = after[:1].isalpha() and after not in TO | _AND | {"or", "up", "fold", "times"}
        return not is_counting and (how == "±" or left.value <= right.value)
    if left.kind != MONEY or right.kind is not None:
        return False
    is_closed = not sentence.begins_word(right.last) or sentence.word(right.last) in _CLOSED_BY
    return sentence.word(right.last) != "%" and (is_closed or how == "dash")


def _is_bare_range(sentence: Sentence, left: Figure, right: Figure, how: str) -> bool:
    """Whether two numbers without a unit are a range: no years, no "1 in 250 to 1 in 500"."""
    if how == "dash" and _are_years(left.value, right.value):
        return False
    is_falling = sentence.word(left.first - 1) == "from" and sentence.word(right.last) not in ("in", "per", "out")
    return left.value < right.value or left.is_fraction or how == "±" or is_falling


def _are_years(a: float, b: float) -> bool:
    """Whether two numbers are years: "2008-2010", "2013-14"."""
    return 1500 <= a <= 2100 and (1500 <= b <= 2100 or b < 100)


def _is_of_other_kind(sentence: Sentence, left: Figure, right: Figure, gap: tuple[str, ...]) -> bool:
    """Whether a bare number before a percentage is a year, an age, a whole or a count."""
    before = sentence.word(left.first - 1)
    if before in _AGED and sentence.word(right.last) == "of":
        return True  # "34% of patients under 50 and 19% of those over 50"
    if left.value > 100 >= right.value and gap[-1] == "or":
        return True  # "310, or 25%"
    if before in ("in", "since", "by") and _are_years(left.value, left.value):
        return True  # "11% in 2022 and 14% in 2023"
    is_after = before in ("in", "of", "per")  # "1 in 4, or 25 %", "1 in 4 or 25 %"
    if is_after and (gap[0] == "," or left.first - 1 in sentence.number_ends):
        return True
    return is_verb(sentence, right.last) and is_verb(sentence, left.first - 1)  # "was 54 and 61% were"


_AGED = words("under over above below aged age than")


def extend_percent_to_list(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with the percent sign at the end of a list given to its bare numbers: "1, 2, or 3 percent"."""
    shared = list(figures)
    for i in range(len(shared) - 2, -1, -1):
        left, right = shared[i], shared[i + 1]
        is_bare = left.kind is None and not left.is_fraction and right.kind == PERCENT and not right.is_range
        if not is_bare:
            continue
        gap = sentence.words(left.last, right.first)
        is_last = gap in (("and",), ("or",), (",", "and"), (",", "or"), ("&",))
        is_listed = is_last or (gap == (",",) and right.rule == "percent.list")
        is_in_list = is_listed and not _is_of_other_kind(sentence, left, right, gap)
        if is_in_list or is_change(sentence, left, right):  # "fell from 24 to 18 percent"
            shared[i] = left.named(PERCENT, "percent.list")
    return shared


_LONGEST_WHOLE = 5  # tokens between "1 in 400 people" and "1 in 900": a noun, "to", a bound


def join_ratio_ranges(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with "1 in 5,000 to 1 in 10,000 births" and "between 1 in 20 and 1 in 50" joined to one range."""
    joined: list[Figure] = []
    for figure in figures:
        last = joined[-1] if joined else None
        if last is None or not _is_ratio_range(sentence, last, figure):
            joined.append(figure)
            continue
        low, high = min(last.value, figure.value), max(last.high or 0.0, figure.high or 0.0)
        over = last.numerator if last.numerator == figure.numerator else None
        joined[-1] = last._replace(last=figure.last, low=low, high=high, numerator=over, denominator=None)
    return joined


def _is_ratio_range(sentence: Sentence, left: Figure, right: Figure) -> bool:
    if not left.kind == right.kind == RATIO or not left.rule == right.rule == "ratio.pair":
        return False
    gap = sentence.words(left.last, right.first)
    noun = next((i for i, word in enumerate(gap) if word in TO | DASHES | _AND), 0)
    rest = gap[noun:]
    is_joined = bool(rest) and (rest[0] in TO | DASHES or (rest[0] in _AND and _is_after_between(sentence, left.first)))
    return (
        is_joined
        and len(gap) <= _LONGEST_WHOLE
        and all(w.isalpha() for w in gap[:noun])
        and holds_only_hedges(rest[1:])
    )
