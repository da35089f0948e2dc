"""Finds where numbers occur in a text and which sentences need reading; most sentences hold no number at all.

A sentence whose only number is a spelled-out digit gets a second, cheap test. Most numbers of a text are such a "one"
or "two" that neither counts nor measures ("one of the reasons"). The test searches for anything beside the digit that
can make a statistic of it, at a tenth of the cost of reading the sentence. In doubt the sentence is read.
"""

import re
import string
from bisect import bisect_left
from functools import cache
from typing import NamedTuple

from pipeline.statistics.kinds import MULTIPLES, REPORTED
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.tokenizer import lower_same_length
from pipeline.statistics.units import may_open_currency, money_codes

__all__ = ["NumberScan", "scan_numbers", "spelled_digit_may_be_statistic"]

_DIGITS, _DIGIT_RUN = string.digits.encode(), re.compile(rb"\d+")
_FRACTION = re.compile("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒]")
_ASCII_LETTERS = bytes(byte if chr(byte) in string.ascii_lowercase else ord(" ") for byte in range(256))
_SPELLED_DIGITS = words("zero one two three four five six seven eight nine")


class NumberScan(NamedTuple):
    """The numbers found in a text. All offsets are in order.

    `lower`: the text in lower case. `offsets` and `number_words`: where numbers begin, and the word; "" for digits.
    `cue_offsets`: where words occur that can make a statistic of a spelled-out digit anywhere in their sentence.
    """

    lower: str
    offsets: list[int]
    number_words: list[str]
    cue_offsets: list[int]

    def may_hold_statistic(self, start: int, end: int) -> bool:
        """Whether a sentence, or several, must be read."""
        first, last = bisect_left(self.offsets, start), bisect_left(self.offsets, end)
        if last - first != 1 or self.number_words[first] not in _SPELLED_DIGITS:
            return first < last
        has_cue = bisect_left(self.cue_offsets, start) < bisect_left(self.cue_offsets, end)
        return spelled_digit_may_be_statistic(
            self.lower, start, end, self.offsets[first], self.number_words[first], has_cue
        )

    def digits(self) -> list[int]:
        """Where runs of ASCII digits begin."""
        return [offset for offset, word in zip(self.offsets, self.number_words, strict=True) if not word]


def scan_numbers(text: str) -> NumberScan:
    """The numbers of a text.

    The words of the text are looked up all at once, as bytes: a fifth of the time of a pattern that lists them.

    >>> scan = scan_numbers("One in 40, or twenty-five percent of those someone asked")
    >>> dict(zip(scan.offsets, scan.number_words))
    {0: 'one', 7: '', 14: 'twenty', 21: 'five'}
    """
    lower = lower_same_length(text)
    plain = lower.encode("ascii", "replace")
    known = _scanned_words().intersection(plain.translate(_ASCII_LETTERS).split())
    found = [(offset, word) for word in _decoded(known & _number_words()) for offset in _offsets(lower, word)]
    if len(plain.translate(None, _DIGITS)) < len(plain):  # in a twentieth of the time of a search that finds none
        found += [(digits.start(), "") for digits in _DIGIT_RUN.finditer(plain)]
    if not lower.isascii():
        found += [(fraction.start(), "") for fraction in _FRACTION.finditer(lower)]
    if not found:  # as in half of all answers
        return NumberScan(lower, [], [], [])
    found.sort()
    cues = sorted(offset for word in _decoded(known & _cue_words()) for offset in _offsets(lower, word))
    return NumberScan(lower, [offset for offset, _ in found], [word for _, word in found], cues)


def _decoded(found: frozenset[bytes]) -> list[str]:
    return [word.decode() for word in found]


def _offsets(text: str, word: str) -> list[int]:
    """Where a word occurs as a whole word."""
    found: list[int] = []
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not (before.isalnum() or after.isalnum() or before == "_" or after == "_"):
            found.append(start)
        start = text.find(word, end)
    return found


@cache
def _scanned_words() -> frozenset[bytes]:
    return _number_words() | _cue_words()


@cache
def _number_words() -> frozenset[bytes]:
    """Every word that can be a number or make one: "dozen", "twofold", "a dollar"."""
    known = lexicon()
    names = {*known.units, *known.tens, *known.magnitudes, *known.denominators, "dozen", "twice", "thrice"}
    names |= {"dollar", "euro", "cent", "penny", "rupee"}
    return frozenset(form.encode() for name in names for form in (name, f"{name}s", f"{name}fold")).union(
        word.encode() for word in MULTIPLES
    )


@cache
def _cue_words() -> frozenset[bytes]:
    """Words that can make a statistic of a spelled-out digit from anywhere in its sentence."""
    return frozenset(word.encode() for word in _unnumbered_money() | REPORTED)


@cache
def _unnumbered_money() -> frozenset[str]:
    """What may be a sum without a number: "a dollar", "a peso"."""
    return frozenset(lexicon().currency_names) - lexicon().spoken_currencies


# ---------------------------------------------------------------- a spelled-out digit as the only number

_TOKEN = re.compile(r"[a-z]+|\S")
_REACH = 16  # tokens after the number in which its noun is found: 5 of a bound ("or at the very least"), 5 to the noun
_TOKEN_CHARACTERS = 30  # of a token with the space after it; when `_REACH` tokens are longer, the sentence is read
_USUAL_CHARACTERS = 130  # hold `_REACH` tokens as a rule
_MARKS_BEFORE = frozenset(",;:(“‘\"'•?!)…")  # no currency, sign or hyphen
_MARKS_AFTER = frozenset(",.;:)!?…")  # nothing behind them belongs to the number
_MAKE_FIGURE = words("times time fold x")
_PERCENT = ("per", "pc")
_UNUSUAL = re.compile(r"[^\x00-\x7f“”‘’…—–•]")  # may be a digit or a sign
_TORN = ("percent", "fold")  # may be parts of two torn words
_YEARLY = ("year", "month", "annu", "p.a")
_YEARLY_WORD = re.compile(r"[my](?:(?<=\by)r\b|(?<=\bm)o\b)")


def spelled_digit_may_be_statistic(
    text: str, start: int, end: int, offset: int, number: str, has_cue: bool = True
) -> bool:
    """Whether the sentence `text[start:end]`, in lower case, can hold a statistic when its only number is at `offset`.

    `has_cue`: whether one of the `_cue_words` may occur in it.

    >>> texts = ("the two of us agree.", "see two other doctors.")
    >>> [spelled_digit_may_be_statistic(text, 0, len(text), 4, "two") for text in texts]
    [False, True]
    """
    reach = min(end, offset + len(number) + _REACH * _TOKEN_CHARACTERS)
    before = _TOKEN.findall(text, max(start, offset - 2 * _TOKEN_CHARACTERS), offset)[-2:]
    after = _tokens_after(text, offset + len(number), reach)
    if (len(after) < _REACH and reach < end) or not _has_plain_neighbours(before, after):
        return True
    sentence = text[start:end]
    if any(map(sentence.__contains__, _TORN)) or (not sentence.isascii() and _UNUSUAL.search(sentence)):
        return True
    vocabulary = set(_TOKEN.findall(sentence)) if has_cue else ()
    if not _unnumbered_money().isdisjoint(vocabulary):
        return True
    if not after or after[0] in _MARKS_AFTER:
        return False
    rest = text[offset:end]
    if any(map(rest.__contains__, _YEARLY)) or _YEARLY_WORD.search(rest):
        return True
    return not (REPORTED.isdisjoint(vocabulary) if number == "one" else lexicon().listed.isdisjoint(after))


def _tokens_after(text: str, start: int, end: int) -> list[str]:
    """The first tokens of `text[start:end]`, at most `_REACH`; the last of `_REACH` tokens may be cut."""
    if end - start > _USUAL_CHARACTERS:
        tokens = _TOKEN.findall(text, start, start + _USUAL_CHARACTERS)
        if len(tokens) > _REACH:
            return tokens[:_REACH]
    return _TOKEN.findall(text, start, end)[:_REACH]


def _has_plain_neighbours(before: list[str], after: list[str]) -> bool:
    """Whether the tokens beside a number are words that give it no unit, or marks that close."""
    names, signs, codes = lexicon().currency_names, lexicon().currency_signs, money_codes()
    if before and not before[-1].isalpha() and before[-1] not in _MARKS_BEFORE:
        return False
    if before and (before[-1] in codes or before[-1] in names or "".join(before) in names):
        return False
    if not after or after[0] in _MARKS_AFTER:
        return True
    is_unit = after[0] in codes or after[0] in _MAKE_FIGURE or after[0] in lexicon().minor_units
    if is_unit or not after[0].isalpha() or after[0].startswith(_PERCENT):
        return False
    if not may_open_currency(after[0]):
        return True
    joined = ("".join(after[:size]) for size in range(1, 5))
    return not any(name in names or name in signs for name in joined)
