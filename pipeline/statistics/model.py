"""What the figure modules hand to each other: tokens, numbers, sentences, figures."""

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "BEYOND", "COUNT", "MONEY", "MULTIPLIER", "PERCENT", "RATIO", "UNITS",
    "Context", "Figure", "Meaning", "Number", "Sentence", "Token", "Told", "Whom",
]  # fmt: skip

PERCENT, MONEY, RATIO, COUNT, MULTIPLIER = "percent", "money", "ratio", "count", "multiplier"
UNITS = {PERCENT: "percent", RATIO: "proportion", COUNT: "count", MULTIPLIER: "times"}  # money has its currency


class Token(NamedTuple):
    """A word, sign or digits. `text` is lower case; `is_glued` means that no space stands before it."""

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


BEYOND = 64  # empty tokens after a sentence; no look goes further left of its first token


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of one sentence and the numbers on them, both in order. Offsets count in `text`."""

    text: str
    tokens: list[Token]
    lower: list[str]  # the tokens' text, and empty ones after it: a look past either end finds nothing
    vocabulary: frozenset[str]  # the same words, each once: asked first whether any of a list stands here at all
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
        """Whether token `i` is there and follows without a space."""
        return 0 < i < len(self.tokens) and self.tokens[i].is_glued

    def is_digits(self, i: int) -> bool:
        """Whether token `i` is there and made of digits."""
        return 0 <= i < len(self.tokens) and self.tokens[i].sort == "number"

    def is_word(self, i: int) -> bool:
        """Whether token `i` is there and made of letters."""
        return 0 <= i < len(self.tokens) and self.tokens[i].sort == "word"

    def begins_word(self, i: int) -> bool:
        """Whether the token at `i` opens with a letter: no sign, no digit, not the end of the sentence."""
        return self.word(i)[:1].isalpha()


class Figure(NamedTuple):
    """A figure on tokens `first` to before `last`. Without a `kind` it is still a bare number.

    `low` and `high` are equal unless it is a range or an end is open (null). Qualifiers stand from
    `qualifier_first` on to its left and in `qualifier_after` to its right.
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
        """The number of a figure that is neither a range nor open."""
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
    """What stands around a sentence: the question asked, and the sentences before it, nearest first."""

    question: str | None
    before: tuple[str, ...]


class Whom(NamedTuple):
    """Whom or what a figure is about, as far as its own sentence tells: `named`, or as the figure before it says.

    `is_carried`: whom the figure before is about, in any case. `is_open`: the same, if that one is about anybody.
    `is_settled`: nothing around the sentence says it better than `named`. `is_headless`: `named` may be short for whom
    the figure before is about.
    """

    named: str | None
    is_carried: bool = False
    is_open: bool = False
    is_settled: bool = False
    is_headless: bool = False


class Told(NamedTuple):
    """What a sentence says of a figure, whatever stands around the sentence; null where it does not say.

    `shares_next`: the figure is about the same people as the next one, which it shares its measure with.
    """

    measure: str | None
    whom: Whom
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str
    shares_next: bool = False


class Meaning(NamedTuple):
    """The fields of a figure that say what it means, named as the table names them; null where nothing says so."""

    measure: str | None
    population: str | None
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str
