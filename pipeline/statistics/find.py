"""Text -> the figures it quotes, each with its value, its words and the span it stands on.

A percentage, a sum of money, a proportion, a multiple or a count, as it is written: nothing is converted.
The stages are `tokenizer` (words and numbers), `grammar` (units, ranges, bounds, periods) and
`roles` (what is measured, of whom, who says so); their words are in `lexicon.toml`.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

from pipeline.statistics.bounds import SIGNS
from pipeline.statistics.claims import claim_of
from pipeline.statistics.grammar import find_figures
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import RATIO, UNITS, Context, Figure, Sentence, Told
from pipeline.statistics.prefilter import Signs, number_signs
from pipeline.statistics.roles import meanings_of, tell
from pipeline.statistics.tokenizer import in_small_letters, list_numbers, read_sentence
from pipeline.text.sentences import split_sentences

__all__ = ["Statistic", "find_statistics"]

_ANTECEDENTS = 2  # sentences before a figure in which "these patients" may be named
_LONGEST_ANTECEDENT = 1_000  # characters of such a sentence that are read
_WRAPPED = 40  # characters of the shortest line that is taken for a wrapped one; list items are shorter as a rule
_LEADS_ON = words("of in to and or by for at than least most from between affects costs cost is was are were")
_LONGEST_SENTENCE = 4_000  # characters; the longest of 8.9 million characters of answers and articles has 1,052


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure as a text quotes it. Offsets count code points of the text given, ends exclusive; lines from 1.

    `low` and `high` are null where that end is open. `unit` is percent (in points), an ISO 4217 code,
    proportion, count or times. `claim` names what is measured, alike in figures that measure the same; it is one of
    claims.toml where `is_known_claim`, else the measure's own words. `surface` is number and unit only, `quote` the
    sentence around it, verbatim. `rule` names the step of the grammar that read it.
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


# A figure as the values of the fields of `Statistic`: a tenth of the time of making one, and of taking it apart again.
Values = tuple[Any, ...]
_PLACE = {column.name: place for place, column in enumerate(fields(Statistic))}
KIND, SURFACE, CHAR_START = _PLACE["kind"], _PLACE["surface"], _PLACE["char_start"]
_CHAR_END, _QUOTE, _QUOTE_START, _QUOTE_END, _LINE, _RULE = range(CHAR_START + 1, len(_PLACE))


def find_statistics(text: str, question: str | None = None) -> list[Statistic]:
    """The figures quoted in `text`, in order.

    `question` is what the text answers: it names the measure or the population where the text does not.

    >>> for s in find_statistics("Up to 1 in 4 patients pay $5-10 a month."):
    ...     print(s.kind, s.low, s.high, s.unit, s.relation, s.period, s.surface, s.qualifier, sep=" | ")
    ratio | None | 0.25 | proportion | <= | None | 1 in 4 | Up to
    money | 5.0 | 10.0 | USD | range | month | $5-10 | None
    """
    return [Statistic(*values) for values in read_figures(look_at(text, 0, len(text)), 0, len(text), 1, question)]


class Looked(NamedTuple):
    """A text from `start` to `end`, and where numbers may stand there, counted from `start`."""

    text: str
    start: int
    end: int
    signs: Signs


_STRETCH = 100_000  # characters looked at together, of which most pages have fewer; what is seen of them takes 1 MB


def look_at(text: str, start: int, end: int) -> Looked:
    """A stretch of a text as figures are read from it: with that at `start` to `end`, others that follow."""
    end = min(len(text), max(end, start + _STRETCH))
    return Looked(text, start, end, number_signs(in_small_letters(text[start:end])))


def read_figures(looked: Looked, start: int, end: int, line: int, question: str | None = None) -> list[Values]:
    """What `find_statistics` finds in an answer that stands in a stretch that was looked at, on this line of the text.

    As the fields of `Statistic` in their order; offsets and lines count in the text.
    """
    signs, at = looked.signs, start - looked.start
    if not signs.may_hold_figure(at, end - looked.start):
        return []
    text = looked.text[start:end]
    listed = sorted(list_numbers(text, signs.digits(at, at + len(text)) if text.isascii() else None))
    spans = list(_sentences(text))
    found: list[Values] = []
    counted_to = 0
    for number, (first, last) in enumerate(spans):
        if signs.may_hold_figure(at + first, at + last) or text[first - 1 : first].isalnum():
            line += text.count("\n", counted_to, first)
            counted_to = first
            earlier = reversed(spans[max(0, number - _ANTECEDENTS) : number])
            before = tuple(text[max(a, b - _LONGEST_ANTECEDENT) : b] for a, b in earlier)
            items = listed[bisect_left(listed, first) : bisect_left(listed, last)] if listed else ()
            read = _read(text[first:last], frozenset(i - first for i in items), Context(question, before))
            found += [_moved(values, start + first, line - 1) for values in read]
    return found


def _sentences(text: str) -> Iterator[tuple[int, int]]:
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
    """The spans, a sentence that was wrapped over lines in one of them.

    A line goes on in the next when it is long, has no stop, and a small letter or, after a small word such as
    "about" or "in", a digit follows without a blank line or a bullet between.
    """
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and _goes_on(text, *joined[-1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether the sentence at `start` to `end` goes on at `following`, on the next line."""
    if end - start < _WRAPPED or text[end - 1] in ".!?:;…" or text[end:following].strip(" \t\r") != "\n":
        return False
    line = text[end - _WRAPPED : end]
    if "\n" in line:
        return False
    word = line.rsplit(None, 1)[-1].lower()
    is_open = (word,) in lexicon().before or (word,) in lexicon().neutral or word in _LEADS_ON
    return text[following].islower() or (is_open and (text[following].isdigit() or text[following] in "$€£"))


# Scraped pages say the same thing over and over. A line of 345,964 equal figures takes 3.4 s so, 42 s without.
@lru_cache(maxsize=512)
def _read(sentence: str, listed: frozenset[int], context: Context) -> tuple[Values, ...]:
    """The figures of one sentence, their offsets and line counted in it."""
    said = (_read_again if len(sentence) <= _USUAL_SENTENCE else _read_alone)(sentence, listed)
    meanings = meanings_of([each.told for each in said], context)
    return tuple(
        (
            *each.value,
            *meaning,
            *claim_of(each.value[KIND], meaning.measure, meaning.population, each.quote, context.question),
            *each.place,
        )
        for each, meaning in zip(said, meanings, strict=True)
    )


class _Said(NamedTuple):
    """A figure of a sentence that stands alone: fields of `Statistic` up to the meaning, and those behind the claim."""

    value: Values
    told: Told
    quote: str
    place: Values


def _read_alone(sentence: str, listed: frozenset[int]) -> tuple[_Said, ...]:
    """The figures of one sentence, as far as it tells of them whatever stands around it."""
    read = read_sentence(sentence, 0, len(sentence), listed)
    figures = find_figures(read)
    told = tell(read, figures) if figures else []
    return tuple(_said(read, figure, each) for figure, each in zip(figures, told, strict=True))


# Of 13,040 sentences with numbers of the benchmark's pages 5,109 come again, in another context: 37 % of all within
# 4,096 others, 14 % within 512. So many take 6 MB; of the longest that are kept, all percentages, 0.35 GB.
_read_again = lru_cache(maxsize=4096)(_read_alone)
_USUAL_SENTENCE = 300  # characters


def _moved(values: Values, characters: int, lines: int) -> Values:
    """A figure of a text that itself stands so many characters and lines further on."""
    return (
        *values[:CHAR_START],
        values[CHAR_START] + characters,
        values[_CHAR_END] + characters,
        values[_QUOTE],
        values[_QUOTE_START] + characters,
        values[_QUOTE_END] + characters,
        values[_LINE] + lines,
        values[_RULE],
    )


def _said(sentence: Sentence, figure: Figure, told: Told) -> _Said:
    """One figure of a sentence that stands alone."""
    text, tokens = sentence.text, sentence.tokens
    quote_start, quote_end = tokens[0].start, tokens[-1].end
    start, end = tokens[figure.first].start, tokens[figure.last - 1].end
    kind, quote = figure.kind or "", text[quote_start:quote_end]
    value = (
        kind,
        figure.low,
        figure.high,
        figure.relation,
        figure.unit or UNITS[kind],
        figure.numerator if kind == RATIO else None,
        figure.denominator if kind == RATIO else None,
        figure.period,
        _qualifier(sentence, figure),
    )
    line = 1 + text.count("\n", 0, start)
    return _Said(value, told, quote, (text[start:end], start, end, quote, quote_start, quote_end, line, figure.rule))


def _qualifier(sentence: Sentence, figure: Figure) -> str | None:
    """The words left and right of the value that bound it, as quoted, joined by a space; null without any.

    A sign at the digits counts too, though it stands in the surface: "~" of "~30 %".
    """
    text, tokens = sentence.text, sentence.tokens
    number = next(
        i for i in range(figure.first, figure.last) if tokens[i].sort != "mark" or tokens[i].text not in SIGNS
    )
    parts = []
    if figure.begin < number:
        parts.append(text[tokens[figure.begin].start : tokens[number - 1].end])
    if figure.qualifier_after is not None:
        first, last = figure.qualifier_after
        parts.append(text[tokens[first].start : tokens[last - 1].end])
    return " ".join(parts) or None
