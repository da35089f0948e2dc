"""A small number in words that stands alone in its sentence: whether anything beside it can make a figure of it.

Most numbers of a text are a lone "one" or "two" that neither counts nor measures ("one of the reasons"). What can make
a figure of it is looked for here at a tenth of the price of reading the sentence; in doubt the sentence is read.
"""

import re
from functools import cache

from pipeline.statistics.kinds import REPORTED
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.units import money_codes, opens_currency

__all__ = ["LONE", "may_be_figure", "telling_words"]

LONE = words("zero one two three four five six seven eight nine")

_TOKEN = re.compile(r"[a-z]+|\S")
_REACH = 16  # tokens behind the number in which its noun stands: 5 of a bound ("or at the very least"), 5 to the noun
_CHARACTERS = 30  # of a token with the space after it; where so many do not hold them the sentence is read
_USUAL = 130  # characters that hold `_REACH` tokens as a rule
_MARKS_BEFORE = frozenset(",;:(“‘\"'•?!)…")  # no currency, sign or hyphen
_MARKS_AFTER = frozenset(",.;:)!?…")  # nothing behind them belongs to the number
_MAKE_FIGURE = words("times time fold x")
_PERCENT = ("per", "pc")
_ODD = re.compile(r"[^\x00-\x7f“”‘’…—–•]")  # may be a digit or a sign
_TORN = ("percent", "fold")  # may be parts of two torn words
_YEARLY = ("year", "month", "annu", "p.a")
_YEARLY_WORD = re.compile(r"[my](?:(?<=\by)r\b|(?<=\bm)o\b)")


def may_be_figure(text: str, start: int, end: int, place: int, number: str, is_told: bool = True) -> bool:
    """Whether the sentence `text[start:end]`, in small letters, may hold a figure; its only number stands at `place`.

    `is_told`: whether one of the `telling_words` may stand in it.

    >>> [may_be_figure(text, 0, len(text), 4, "two") for text in ("the two of us agree.", "see two other doctors.")]
    [False, True]
    """
    reach = min(end, place + len(number) + _REACH * _CHARACTERS)
    before = _TOKEN.findall(text, max(start, place - 2 * _CHARACTERS), place)[-2:]
    after = _tokens_after(text, place + len(number), reach)
    if (len(after) < _REACH and reach < end) or not _is_plain(before, after):
        return True
    sentence = text[start:end]
    if any(map(sentence.__contains__, _TORN)) or (not sentence.isascii() and _ODD.search(sentence)):
        return True
    vocabulary = set(_TOKEN.findall(sentence)) if is_told else ()
    if not _money_alone().isdisjoint(vocabulary):
        return True
    if not after or after[0] in _MARKS_AFTER:
        return False
    rest = text[place:end]
    if any(map(rest.__contains__, _YEARLY)) or _YEARLY_WORD.search(rest):
        return True
    return not (REPORTED.isdisjoint(vocabulary) if number == "one" else lexicon().listed.isdisjoint(after))


@cache
def telling_words() -> frozenset[bytes]:
    """Words that can make a figure of a lone number from anywhere in its sentence."""
    return frozenset(word.encode() for word in _money_alone() | REPORTED)


def _tokens_after(text: str, start: int, end: int) -> list[str]:
    """The first tokens of a stretch, at most `_REACH` of them; the last of so many may be cut."""
    if end - start > _USUAL:
        tokens = _TOKEN.findall(text, start, start + _USUAL)
        if len(tokens) > _REACH:
            return tokens[:_REACH]
    return _TOKEN.findall(text, start, end)[:_REACH]


def _is_plain(before: list[str], after: list[str]) -> bool:
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
    if not opens_currency(after[0]):
        return True
    joined = ("".join(after[:size]) for size in range(1, 5))
    return not any(name in names or name in signs for name in joined)


@cache
def _money_alone() -> frozenset[str]:
    """What may be a sum without a number: "a dollar", "a peso"."""
    return frozenset(lexicon().currency_names) - lexicon().spoken_currencies
