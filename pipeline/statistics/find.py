"""Finds the statistics quoted in a text: value, meaning and span of each.

A statistic is a percentage, a sum of money, a proportion, a multiple or a count, as it is written: nothing is
converted. The stages are `prefilter` (sentences with numbers), `tokenizer` (words and numbers), `grammar` (units,
ranges, bounds, periods), `describe` (measure, population, attribution, role) and `claims` (what is measured).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import check_argument
from pipeline.limits import LONGEST_REMEMBERED, REMEMBERED_ANSWERS
from pipeline.statistics.bounds import BOUND_MARKS
from pipeline.statistics.claims import Claim, claim_of
from pipeline.statistics.describe import complete_from_context, describe_figures
from pipeline.statistics.grammar import find_figures
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import RATIO, UNITS, Context, Description, Figure, Sentence
from pipeline.statistics.prefilter import scan_numbers
from pipeline.statistics.scope import limits_named_in, with_limits_around
from pipeline.statistics.tokenizer import item_number_offsets, read_sentence
from pipeline.text.memory import remembers_short
from pipeline.text.sentences import split_sentences

__all__ = ["Statistic", "find_in_answer", "find_statistics"]

_CONTEXT_SENTENCES = 2  # sentences before a figure in which "these patients" may be named
_LONGEST_CONTEXT = 1_000  # characters of such a sentence that are read
_LONGEST_SENTENCE = 4_000  # characters; the longest of 8.9 million characters of answers and articles has 1,052


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure as a text quotes it.

    Offsets count code points of the text given, and ends are exclusive; lines count from 1. `low` or `high` is None if
    that end is open. `unit` is percent (in points), an ISO 4217 code, proportion, count or times. `claim` says what is
    measured, and is equal for figures that measure the same: a name of claims.toml if `is_known_claim`, otherwise the
    words of the measure. `scope` is what limits the figure (plan, place, subgroup), sorted. `year` is the year that the
    figure describes, if the text names it. `surface` is number and unit only, `quote` the sentence around it, verbatim.
    `rule` is the step of the grammar that read it.
    """

    kind: str
    low: float | None
    high: float | None
    relation: str
    unit: str
    numerator: float | None
    denominator: float | None
    period: str | None
    qualifier: str | None
    measure: str | None
    population: str | None
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str
    scope: tuple[str, ...]
    year: int | None
    claim: str | None
    is_known_claim: bool
    surface: str
    char_start: int
    char_end: int
    quote: str
    quote_char_start: int
    quote_char_end: int
    line: int
    rule: str


def find_statistics(text: str, question: str | None = None) -> list[Statistic]:
    """The figures quoted in `text`, in order.

    `question` is what the text answers: it names the measure or the population where the text does not.

    >>> for s in find_statistics("Up to 1 in 4 patients pay $5-10 a month."):
    ...     print(s.kind, s.low, s.high, s.unit, s.relation, s.period, s.surface, s.qualifier, sep=" | ")
    ratio | None | 0.25 | proportion | <= | None | 1 in 4 | Up to
    money | 5.0 | 10.0 | USD | range | month | $5-10 | None
    """
    check_argument("text", text, str, "text")
    check_argument("question", question, str | None, "text or None")
    return find_in_answer(text, 0, 1, question)


def find_in_answer(
    answer: str, start: int, line: int, question: str | None = None, heading: str | None = None
) -> list[Statistic]:
    """The figures of an answer that begins at `start` of its text, on `line`, in order.

    Offsets and lines count in the whole text. `heading`: the one above the question.
    """
    found = _read_answer(answer, question, limits_named_in(heading) if heading else ())
    return [_statistic(figure, start + first, line + below) for figure, first, below in found]


# ---------------------------------------------------------------- one answer


class _Placed(NamedTuple):
    """A figure, where its sentence begins in the answer, and on which line, counted from 0."""

    figure: _InContext
    first: int
    line: int


@remembers_short(LONGEST_REMEMBERED, REMEMBERED_ANSWERS)
def _read_answer(text: str, question: str | None, limits: tuple[tuple[str, str], ...]) -> tuple[_Placed, ...]:
    """The figures of an answer; `limits`: what its heading limits them to."""
    scan = scan_numbers(text)
    if not scan.may_hold_statistic(0, len(text)):
        return ()
    listed = sorted(item_number_offsets(text, scan.digits() if text.isascii() else None))
    spans = list(_sentence_spans(text))
    found: list[_Placed] = []
    line = counted_to = 0
    for number, (first, last) in enumerate(spans):
        if scan.may_hold_statistic(first, last) or text[first - 1 : first].isalnum():
            line += text.count("\n", counted_to, first)
            counted_to = first
            earlier = reversed(spans[max(0, number - _CONTEXT_SENTENCES) : number])
            before = tuple(text[max(a, b - _LONGEST_CONTEXT) : b] for a, b in earlier)
            items = listed[bisect_left(listed, first) : bisect_left(listed, last)] if listed else ()
            read = _read_in_context(
                text[first:last], frozenset(i - first for i in items), Context(question, before, limits)
            )
            found += [_Placed(figure, first, line) for figure in read]
    return tuple(found)


# ---------------------------------------------------------------- sentences

_WRAPPED = 40  # characters of the shortest line that is taken for a wrapped one; list items are shorter as a rule
_OPEN_ENDS = words("of in to and or by for at than least most from between affects costs cost is was are were")


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences; one longer than any sentence is cut at a space, so that the work on it stays linear."""
    spans = split_sentences(text)
    for start, end in _unwrapped(text, spans) if "\n" in text else spans:
        while end - start > _LONGEST_SENTENCE:
            space = text.rfind(" ", start, start + _LONGEST_SENTENCE)
            cut = space if space > start else start + _LONGEST_SENTENCE
            yield start, cut
            start = cut + (space > start)
        yield start, end


def _unwrapped(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, with a sentence that was wrapped over several lines joined into one.

    A line continues on the next one when it is long, has no stop, and a small letter or, after a small word such as
    "about" or "in", a digit follows without a blank line or a bullet between.
    """
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and _continues(text, *joined[-1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _continues(text: str, start: int, end: int, following: int) -> bool:
    """Whether the sentence at `start` to `end` continues at `following`, on the next line."""
    if end - start < _WRAPPED or text[end - 1] in ".!?:;…" or text[end:following].strip(" \t\r") != "\n":
        return False
    line = text[end - _WRAPPED : end]
    if "\n" in line:
        return False
    word = line.rsplit(None, 1)[-1].lower()
    is_open = (word,) in lexicon().before or (word,) in lexicon().neutral or word in _OPEN_ENDS
    return text[following].islower() or (is_open and (text[following].isdigit() or text[following] in "$€£"))


# ---------------------------------------------------------------- one sentence


class _Reading(NamedTuple):
    """A figure as its sentence alone gives it; offsets and lines count in the sentence, lines from 0."""

    figure: Figure
    description: Description
    qualifier: str | None
    surface: str
    start: int
    end: int
    quote: str
    quote_start: int
    line: int


class _InContext(NamedTuple):
    """A figure with what its question and the sentences before it add."""

    reading: _Reading
    description: Description
    claim: Claim


# Scraped pages repeat themselves. A line of 345,964 equal figures takes 3.4 s with this cache, 42 s without.
@lru_cache(maxsize=512)
def _read_in_context(sentence: str, listed: frozenset[int], context: Context) -> tuple[_InContext, ...]:
    """The figures of one sentence; `listed`: offsets of numbers that only number a list."""
    readings = _read_alone(sentence, listed)
    if not readings:
        return ()
    described = complete_from_context([reading.description for reading in readings], readings[0].quote, context)
    return tuple(
        _InContext(reading, description, _claim(reading, description, context))
        for reading, description in zip(readings, described, strict=True)
    )


def _claim(reading: _Reading, described: Description, context: Context) -> Claim:
    question, scope = context.question, described.scope
    asked = limits_named_in(question) if question else ()
    if asked or context.heading_limits:
        scope = with_limits_around(scope, (asked, context.heading_limits))
    start = reading.start - reading.quote_start
    return claim_of(
        reading.figure.kind or "",
        described.measure,
        described.population,
        reading.quote,
        question,
        scope,
        high=reading.figure.high,
        span=(start, start + len(reading.surface)),
    )


# Of 13,040 sentences with numbers of the benchmark's pages 5,109 recur, in another context: 37 % of all within 4,096
# others, 14 % within 512. 4,096 usual sentences take 6 MB; of the longest that are cached, all percentages, 0.35 GB.
_USUAL_SENTENCE, _LAST_SENTENCES = 300, 4096  # characters; sentences


@remembers_short(_USUAL_SENTENCE, _LAST_SENTENCES)
def _read_alone(sentence: str, listed: frozenset[int]) -> tuple[_Reading, ...]:
    """The figures of one sentence, read without its context."""
    read = read_sentence(sentence, 0, len(sentence), listed)
    figures = find_figures(read)
    described = describe_figures(read, figures) if figures else []
    return tuple(_reading(read, figure, description) for figure, description in zip(figures, described, strict=True))


def _reading(sentence: Sentence, figure: Figure, description: Description) -> _Reading:
    text, tokens = sentence.text, sentence.tokens
    start, end = tokens[figure.first].start, tokens[figure.last - 1].end
    quote_start = tokens[0].start
    return _Reading(
        figure=figure,
        description=description,
        qualifier=_qualifier(sentence, figure),
        surface=text[start:end],
        start=start,
        end=end,
        quote=text[quote_start : tokens[-1].end],
        quote_start=quote_start,
        line=text.count("\n", 0, start),
    )


def _qualifier(sentence: Sentence, figure: Figure) -> str | None:
    """The words left and right of the value that bound it, as quoted, joined by a space; null without any.

    A mark at the digits counts too, though it is part of the surface: "~" of "~30 %".
    """
    text, tokens = sentence.text, sentence.tokens
    number = next(
        i for i in range(figure.first, figure.last) if tokens[i].sort != "mark" or tokens[i].text not in BOUND_MARKS
    )
    parts = []
    if figure.begin < number:
        parts.append(text[tokens[figure.begin].start : tokens[number - 1].end])
    if figure.qualifier_after is not None:
        first, last = figure.qualifier_after
        parts.append(text[tokens[first].start : tokens[last - 1].end])
    return " ".join(parts) or None


def _statistic(found: _InContext, offset: int, line: int) -> Statistic:
    """The figure of a sentence that begins at `offset`, on `line` of its text."""
    reading = found.reading
    figure, description = reading.figure, found.description
    kind = figure.kind or ""
    is_ratio = kind == RATIO
    return Statistic(
        kind=kind,
        low=figure.low,
        high=figure.high,
        relation=figure.relation,
        unit=figure.unit or UNITS[kind],
        numerator=figure.numerator if is_ratio else None,
        denominator=figure.denominator if is_ratio else None,
        period=figure.period,
        qualifier=reading.qualifier,
        measure=description.measure,
        population=description.population,
        counted=description.counted,
        attribution=description.attribution,
        citation=description.citation,
        role=description.role,
        scope=found.claim.scope,
        year=description.year,
        claim=found.claim.name,
        is_known_claim=found.claim.is_known,
        surface=reading.surface,
        char_start=offset + reading.start,
        char_end=offset + reading.end,
        quote=reading.quote,
        quote_char_start=offset + reading.quote_start,
        quote_char_end=offset + reading.quote_start + len(reading.quote),
        line=line + reading.line,
        rule=figure.rule,
    )
