"""Defines what the modules of this package pass to one another: tokens, numbers, sentences, figures."""

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "COUNT", "MONEY", "MULTIPLIER", "PADDING", "PERCENT", "RATIO", "UNITS",
    "Context", "Description", "Figure", "Number", "OwnPopulation", "Sentence", "Token",
]  # fmt: skip

PERCENT, MONEY, RATIO, COUNT, MULTIPLIER = "percent", "money", "ratio", "count", "multiplier"
UNITS = {PERCENT: "percent", RATIO: "proportion", COUNT: "count", MULTIPLIER: "times"}  # money has its currency


class Token(NamedTuple):
    """A word, mark or number in digits. `text` is lower case; `is_glued` means that no space precedes it."""

    text: str
    start: int
    end: int
    sort: str  # number, word, mark, dash (one decoded wrongly; its text is "–"), skip (an address, a citation mark)
    is_glued: bool


class Number(NamedTuple):
    """A number on tokens `first` to before `last`; a fraction has its numerator and denominator."""

    first: int
    last: int
    value: float
    magnitude: float = 1.0  # 1e6 in "2.5 million"
    numerator: float | None = None
    denominator: float | None = None

    @property
    def is_fraction(self) -> bool:
        return self.denominator is not None


PADDING = 64  # empty tokens after a sentence; no rule reads further left of its first token than this


@dataclass(slots=True)  # a frozen one takes three times as long to make
class Sentence:
    """The tokens of one sentence and the numbers on them, both in order. Offsets count in `text`."""

    text: str
    tokens: list[Token]
    lower: list[str]  # the tokens' text and `PADDING` empty ones, so that reading past either end finds nothing
    vocabulary: frozenset[str]  # the same words as a set, to test first whether any word of a list occurs at all
    numbers: list[Number] = field(default_factory=list)
    number_at: dict[int, Number] = field(default_factory=dict)  # by first token
    number_ends: set[int] = field(default_factory=set)  # the tokens after numbers

    def add(self, number: Number) -> None:
        """Append the next number."""
        self.numbers.append(number)
        self.number_at[number.first] = number
        self.number_ends.add(number.last)

    def word(self, i: int) -> str:
        """The token at `i` in lower case; empty outside the sentence."""
        try:
            return self.lower[i]
        except IndexError:
            return ""

    def words(self, first: int, last: int) -> tuple[str, ...]:
        """The tokens from `first` to before `last`, in lower case; those outside are empty."""
        if first >= 0 and last <= len(self.tokens):
            return tuple(self.lower[first:last])
        return tuple(self.word(i) for i in range(first, last))

    def written(self, i: int) -> str:
        """The token at `i` as it is written; empty outside the sentence."""
        return self.text[self.tokens[i].start : self.tokens[i].end] if 0 <= i < len(self.tokens) else ""

    def is_glued(self, i: int) -> bool:
        """Whether token `i` exists and follows without a space."""
        return 0 < i < len(self.tokens) and self.tokens[i].is_glued

    def is_digits(self, i: int) -> bool:
        """Whether token `i` exists and is made of digits."""
        return 0 <= i < len(self.tokens) and self.tokens[i].sort == "number"

    def is_word(self, i: int) -> bool:
        """Whether token `i` exists and is made of letters."""
        return 0 <= i < len(self.tokens) and self.tokens[i].sort == "word"

    def begins_word(self, i: int) -> bool:
        """Whether the token at `i` opens with a letter: no sign, no digit, not the end of the sentence."""
        return self.word(i)[:1].isalpha()


class Figure(NamedTuple):
    """A figure on tokens `first` to before `last`. Without a `kind` it is still a bare number.

    `low` and `high` are equal unless it is a range or an end is open (null). The qualifiers are the tokens from
    `qualifier_first` to `first`, and the span `qualifier_after`.
    """

    first: int
    last: int
    low: float | None
    high: float | None
    rule: str = "number"
    kind: str | None = None
    unit: str | None = None
    relation: str = "="
    numerator: float | None = None
    denominator: float | None = None
    magnitude: float = 1.0
    is_fraction: bool = False
    noun: int | None = None  # token of the noun counted
    period: str | None = None
    qualifier_first: int | None = None
    qualifier_after: tuple[int, int] | None = None

    @property
    def value(self) -> float:
        """Its number; of a range the lower end, of a figure with an open end the other one."""
        return self.low if self.low is not None else self.high or 0.0

    @property
    def is_range(self) -> bool:
        return self.low != self.high

    @property
    def begin(self) -> int:
        """First token, qualifiers included."""
        return self.first if self.qualifier_first is None else self.qualifier_first

    @property
    def finish(self) -> int:
        """Token after the last one, the qualifier right after the value included."""
        return (
            self.last
            if self.qualifier_after is None or self.qualifier_after[0] != self.last
            else self.qualifier_after[1]
        )

    def scaled(self, scale: float) -> "Figure":
        """The figure times `scale`. Cents are divided, so that 45 of them are 0.45."""
        value = self.value / round(1 / scale) if scale < 1 else self.value * scale
        return self._replace(low=value, high=value, magnitude=self.magnitude * max(scale, 1.0))

    def negated(self, first: int) -> "Figure":
        """The figure below zero, from the token `first` on."""
        return self._replace(first=first, low=-self.value, high=-self.value)

    def named(self, kind: str, rule: str, unit: str | None = None, last: int | None = None) -> "Figure":
        """The figure with its kind and the rule that read it; it ends before `last`, if given."""
        return self._replace(kind=kind, unit=unit or UNITS[kind], rule=rule, last=last or self.last)


class Context(NamedTuple):
    """The question that a sentence answers, the sentences before it, nearest first, and what its heading limits."""

    question: str | None
    before: tuple[str, ...]
    heading_limits: tuple[tuple[str, str], ...] = ()


class OwnPopulation(NamedTuple):
    """Whom or what a figure is about, as far as its own sentence says.

    `named`: the words. `is_previous`: always the population of the figure before. `is_open`: the same, if that figure
    has one. `is_settled`: nothing around the sentence says it better than `named`. `is_headless`: `named` may be short
    for the population of the figure before ("cases"). `is_subject`: the figure opens its sentence as a subject without
    a noun, so that it is about the people of the sentence before.
    """

    named: str | None
    is_previous: bool = False
    is_open: bool = False
    is_settled: bool = False
    is_headless: bool = False
    is_subject: bool = False


class Description(NamedTuple):
    """What a text says of a figure; null where it does not say.

    `population` is only known once the context of the sentence is (`own_population` is what the sentence says).
    `scope` is what limits it, sorted; `year` the one it is of.
    `shares_next`: the figure has its measure, and so its population, from the next figure of its list.
    `may_continue_story`: it is a finding unless the sentences before are a story.
    """

    measure: str | None
    own_population: OwnPopulation
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str
    scope: tuple[str, ...] = ()
    year: int | None = None
    shares_next: bool = False
    may_continue_story: bool = False
    population: str | None = None
