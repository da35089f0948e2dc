"""Finds what limits a figure: plan part, plan, network, place, row of a table, and the year it is of."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from pipeline.limits import CLAUSE_REACH
from pipeline.statistics.clauses import Clause, end_in_clause, fronted_phrase, label_of
from pipeline.statistics.lexicon import words
from pipeline.statistics.model import Figure, Sentence
from pipeline.statistics.phrases import text_of

__all__ = [
    "header_and_row",
    "limits_named_in",
    "place_name",
    "scope_of",
    "with_limits_around",
    "year_of",
    "year_tokens_in",
]

# In small letters. The first letters of all alternatives come first: half of the time.
_LIMITS = re.compile(
    r"""\b(?=[bceghimnopstuv])(?: (?P<part>part\ [a-d](?![\w-])) | (?P<letter>plan\ [a-n](?![\w-]))
      | (?P<tier>tier\ (?:\d|one|two|three|four|five)\b)
      | (?P<metal>(?:bronze|silver|gold|platinum|catastrophic)\b)
      | (?P<program>medicare\ advantage\b | medicare\b | medicaid\b | medigap\b | marketplace\b | tricare\b)
      | (?P<plan>(?:hmo|ppo|epo|hdhp)s?\b)
      | (?P<network>(?:out[- ]of|in)[- ]network\b)
      | (?P<care>(?:inpatient|outpatient|emergency|urgent)\b)
      | (?P<drug>(?:generic|brand-name|preferred|nonpreferred|non-preferred)\b)
      | (?P<way>(?:online|virtual|video|telehealth|in-person)\b) )""",
    re.X,
)
_CUES = words(
    """part plan tier bronze silver gold platinum catastrophic medicare medicaid medigap marketplace tricare hmo ppo epo
    hdhp hmos ppos network in-network out-of-network inpatient outpatient generic brand-name preferred nonpreferred
    non-preferred online virtual video telehealth in-person emergency urgent"""
)
# A place: capitals after "in" or "at"; months and days are none.
_PLACE = re.compile(r"\b(?:[Ii]n|[Aa]t) (?:the )?((?:[A-Z][\w’'.-]+)(?: (?:of )?[A-Z][\w’'-]+){0,3})")
_CAPITAL_AFTER = re.compile("[nt] (?:the )?[A-Z]")
_SOURCES = words("survey study poll report audit review trial census analysis")
_NO_PLACE = words(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday medicare medicaid the a an i all most some our his her their my this that these part
    plan tier christmas easter"""
)


def scope_of(clause: Clause, is_only: bool, row: str | None, measure: str | None) -> tuple[str, ...]:
    """What limits a figure, sorted, in small letters: by its own clause, its measure and the row of its table.

    `is_only`: it is the only figure of its sentence, so that the whole sentence is about it.
    """
    sentence, size = clause.sentence, len(clause.sentence.tokens)
    found = ({row.lower()} if row else set()) | _ward_in_front(clause)
    has_limit = not _CUES.isdisjoint(sentence.vocabulary)
    if not has_limit and "in" not in sentence.vocabulary and "at" not in sentence.vocabulary:
        return tuple(sorted(found))
    first, last = (0, size) if is_only else (clause.start, min(end_in_clause(clause, clause.finish), size))
    if not is_only and clause.previous is not None and clause.verb is None:
        own = range(clause.begin - 1, max(first, clause.previous) - 1, -1)
        first = next((j + 1 for j in own if sentence.word(j) in _JOINTS), first)  # "8% in Ohio and 5% in Iowa"
    text = text_of(sentence, first, last) or ""
    label = label_of(clause) if not is_only else None
    if label is not None:
        text = f"{text_of(sentence, *label)}; {text}"  # "Bronze: the premium is $310, the deductible $7,000"
    if has_limit:
        text_and_measure = f"{text}; {measure or ''}".lower()
        found |= {match[0].replace("-", " ") for match in _LIMITS.finditer(text_and_measure)}
    if "medicare advantage" in found:
        found.discard("medicare")
    for place in _PLACE.findall(text) if _CAPITAL_AFTER.search(text) else ():
        if place.lower().split()[0] not in _NO_PLACE:
            found.add(place_name(place))
    return tuple(sorted(found))


def place_name(name: str) -> str:
    """One name for a place: "u.s." and "us" are the united states."""
    plain = name.lower().rstrip(".,?:")
    return _PLACES.get(plain.replace(".", ""), plain)


_PLACES = {"us": "united states", "usa": "united states", "uk": "united kingdom"}


def _ward_in_front(clause: Clause) -> set[str]:
    """Where a figure is from, as the phrase in front of it says: "heart ward" of "In the heart ward 95% of ..."."""
    vocabulary = clause.sentence.vocabulary
    phrase = fronted_phrase(clause) if "the" in vocabulary and ("in" in vocabulary or "at" in vocabulary) else None
    if phrase is None:
        return set()
    first, last = phrase
    is_place = clause.word(first) in ("in", "at") and clause.word(first + 1) == "the" and 2 < last - first <= 5
    if not is_place or not _NO_WARD.isdisjoint(clause.sentence.words(first, last)):
        return set()
    name = clause.text(first + 2, last)
    return {name.lower()} if name else set()


_JOINTS = words(", ; and or but while whereas")
_NO_WARD = _SOURCES | words(
    """year years month months week weeks day days decade decades past last same first end beginning meantime case cases
    study trial group groups arm cohort sample paper article literature data other whole average most next"""
)


@lru_cache(maxsize=256)  # the figures of an answer share question and heading
def limits_named_in(text: str) -> tuple[tuple[str, str], ...]:
    """What a question or a heading limits its figures to, by kind; none of a kind of which it names several.

    "What does it cost online?" limits nothing: answers speak of both ways.

    >>> limits_named_in("What is the Part B deductible?"), limits_named_in("HMO or PPO: which is right in Texas?")
    ((('part', 'part b'),), (('place', 'texas'),))
    """
    found: dict[str, set[str]] = {}
    for match in _LIMITS.finditer(text.lower()):
        if match.lastgroup != "way":
            found.setdefault(match.lastgroup or "", set()).add(match[0].replace("-", " "))
    listed = text.split() if _CAPITAL_AFTER.search(text) else []
    if listed and 2 * sum(word[0].isupper() for word in listed) <= len(listed):  # not "What Is Paid In The First Year?"
        for place in _PLACE.findall(text):
            if place.lower().split()[0] not in _NO_PLACE:
                found.setdefault("place", set()).add(place_name(place))
    return tuple(sorted((kind, limits.pop()) for kind, limits in found.items() if len(limits) == 1))


def with_limits_around(scope: tuple[str, ...], around: Iterable[tuple[tuple[str, str], ...]]) -> tuple[str, ...]:
    """A scope with what is said around the sentence, nearest first; the nearest limit of a kind counts."""
    kinds = {
        match.lastgroup for limit in scope for match in _LIMITS.finditer(limit.replace("of network", "of-network"))
    }
    kinds |= {"place"} if any(not _LIMITS.match(limit) for limit in scope) else set()
    added = set()
    for limits in around:
        added |= {limit for kind, limit in limits if kind not in kinds}
        kinds |= {kind for kind, _ in limits}
    return tuple(sorted({*scope, *added})) if added else scope


# ---------------------------------------------------------------- years

_BEFORE_YEAR = words("in since by for of during until to from through ( : , ;")


def year_tokens_in(sentence: Sentence) -> list[int]:
    """The tokens of a sentence that are years a figure may be of."""
    return [n.first for n in sentence.numbers if 1900 <= n.value <= 2100 and _may_date_figure(sentence, n.first)]


def year_of(sentence: Sentence, years: list[int], figures: list[Figure], i: int) -> int | None:
    """The year that a figure is of: the one right after it, else the last before it, else the only one, if it opens."""
    if not years:
        return None
    figure = figures[i]
    end = figures[i + 1].first if i + 1 < len(figures) else len(sentence.tokens)
    start = figures[i - 1].last if i else 0
    after, before = bisect_left(years, figure.last), bisect_left(years, figure.first)
    if after < len(years) and years[after] < end and not _opens_next(sentence, years[after], end):
        return int(sentence.word(years[after]))
    if before and years[before - 1] >= start:
        return int(sentence.word(years[before - 1]))
    return int(sentence.word(years[0])) if len(years) == 1 and years[0] < figures[0].first else None


def _opens_next(sentence: Sentence, year: int, following: int) -> bool:
    """Whether a year is in a phrase in front of the next figure: the 2019 of "31% in all; in 2019, 27%"."""
    first = year + 1 + (sentence.word(year + 1) == ",")
    is_front = following < len(sentence.tokens) and sentence.word(year - 2) in _BOUNDARIES
    return is_front and following - first <= 1 and sentence.word(first) not in _BOUNDARIES


_BOUNDARIES = words("; , and but while whereas")


def _may_date_figure(sentence: Sentence, i: int) -> bool:
    """Whether there is a year at `i`: "in 2019", "(2019)"; not the year of a source, "a 2019 survey", nor a count."""
    word = sentence.word(i)
    if len(word) != 4 or not word.isdigit() or not 1900 <= int(word) <= 2100:
        return False
    is_opening = sentence.word(i - 1) in ("in", "since") and i == 1  # "In 2019 insurers denied ..."
    is_counting = sentence.is_word(i + 1) and sentence.word(i + 1).endswith("s") and not is_opening
    if sentence.word(i + 1) in _SOURCES or is_counting:
        return False
    return sentence.word(i - 1) in _BEFORE_YEAR or i == 0


# ---------------------------------------------------------------- rows of a table


def header_and_row(sentence: Sentence, figure: Figure) -> tuple[str | None, str | None]:
    """The header of a figure's cell and the name of its row: "Bronze | Deductible: $6,500 | Copay: $60".

    Both are null outside a table; without a header the name of the row is what is measured.
    """
    if "|" not in sentence.vocabulary:
        return None, None
    low = max(0, figure.first - CLAUSE_REACH)
    before = [j for j in range(low, figure.first) if sentence.word(j) == "|"]
    if not before:
        return None, None
    first = before[-1] + 1
    colon = next((j for j in range(figure.first - 1, first - 1, -1) if sentence.word(j) == ":"), None)
    header = text_of(sentence, first, figure.first if colon is None else colon)
    opening = next((j for j in range(len(sentence.tokens)) if sentence.word(j) == "|"), first)
    row = text_of(sentence, 0, opening)
    return (header, row) if header else (row, None)
