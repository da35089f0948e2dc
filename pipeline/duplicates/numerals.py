"""Writes numbers in digits, signs of money behind them and units in full, and the day before its month."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.duplicates.rules import rules
from pipeline.duplicates.words import Token, Word, changed

__all__ = ["with_numbers"]


class _Numerals(NamedTuple):
    values: Mapping[str, int]  # one to nineteen, twenty to ninety
    scales: Mapping[str, int]
    ordinals: Sequence[str]
    months: frozenset[str]
    calendar: frozenset[str]  # days and months
    units: Mapping[str, str]
    triggers: frozenset[str]  # words without which, and without digits, nothing has to be done


@cache
def _numerals() -> _Numerals:
    data = rules()["numbers"]
    values = {word: number for number, word in enumerate(data["ones"].split())}
    values |= {word: 10 * number for number, word in enumerate(data["tens"].split(), 2)}
    scales = dict(zip(data["scales"].split(), (100, 1000, 10**6, 10**9), strict=True))
    units = {
        short.strip().replace(" ", ""): line.partition("|")[0].split(",")[0].split()[0]
        for line in rules()["signs"]["units"].strip().splitlines()
        for short in line.partition("|")[0].split(",")
    }
    calendar = frozenset(rules()["slips"]["calendar"].split())
    triggers = frozenset(values).union(scales, calendar)
    months = frozenset(data["months"].split())
    return _Numerals(values, scales, data["ordinals"].split(), months, calendar, units, triggers)


def with_numbers(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with their numbers as they are compared.

    >>> from pipeline.duplicates.words import split_words
    >>> [token.word.form for token in with_numbers(split_words("Pay $5 by May 2nd, or twenty-five dollars"))]
    ['pay', '5', 'dollar', 'by', '2', 'may', 'or', '25', 'dollar']
    """
    tokens = list(tokens)
    triggers, values, scales = _numerals().triggers, _numerals().values, _numerals().scales
    if triggers.isdisjoint([token[0].form for token in tokens]) and True not in [
        token[0].is_number for token in tokens
    ]:
        return tokens
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        word = token.word
        if word.form == "a" and position + 1 < len(tokens) and tokens[position + 1].word.form in scales:
            scale = tokens[position + 1]
            tokens[position + 1] = changed(scale, form=str(scales[scale.word.form]), is_number=True)
            position += 1  # a hundred
        elif word.is_number or word.form in values:
            position = _take_number(tokens, position, found)
        elif word.form in _MONEY and word.surface == word.form and _is_sign(tokens, position):
            end = _take_number(tokens, position + 1, found)
            found.append(token)
            position = end
        else:
            found.append(token)
            position += 1
    return _with_units(found)


_MONEY = frozenset(("dollar", "euro", "pound", "yen"))


def _is_sign(tokens: Sequence[Token], position: int) -> bool:
    """Whether this word is the sign of money before a number: one character, and a number after it."""
    sign = tokens[position]
    return sign.end - sign.start == 1 and position + 1 < len(tokens) and tokens[position + 1].word.is_number


def _take_number(tokens: Sequence[Token], position: int, found: list[Token]) -> int:
    """Add the number that begins here, and return where it ends."""
    numerals = _numerals()
    first = tokens[position].word
    if first.is_number:
        end = position + 1
        if end < len(tokens) and (scale := numerals.scales.get(tokens[end].word.form)) and scale > 100:
            return _add_number(tokens, position, end + 1, _scaled(first.form, scale), found)
        return _add_number(tokens, position, end, first.form, found)
    total, current, end = 0, 0, position
    while end < len(tokens) and not (end > position and tokens[end - 1].word.stop):
        form = tokens[end].word.form
        if form in numerals.values:
            value = numerals.values[form]
            if current % 100 and not (current % 10 == 0 and current % 100 >= 20 and 0 < value < 10):
                break
            if current % 100 == 0 and end > position and current == 0 and total == 0:
                break
            current += value
        elif form in numerals.scales and end > position:
            scale = numerals.scales[form]
            total, current = (total, current * 100) if scale == 100 else (total + current * scale, 0)
        elif not (form == "and" and tokens[end - 1].word.form in numerals.scales and _is_value(tokens, end + 1)):
            break
        end += 1
    return _add_number(tokens, position, end, str(total + current), found)


def _is_value(tokens: Sequence[Token], position: int) -> bool:
    return position < len(tokens) and tokens[position].word.form in _numerals().values


def _scaled(number: str, scale: int) -> str:
    whole, _, rest = number.partition(".")
    if not (whole.isdigit() and (rest.isdigit() or not rest)) or len(number) > 18:
        return f"{number}e{scale}"
    value = int(whole + rest) * scale
    shift = 10 ** len(rest)
    return str(value // shift) if value % shift == 0 else f"{number}e{scale}"


_ORDINAL_ENDINGS = ("st", "nd", "rd", "th")


def _add_number(tokens: Sequence[Token], start: int, end: int, form: str, found: list[Token]) -> int:
    """Add these tokens as one number, with the ending of an ordinal if one is written to it; return where it ends."""
    first, last = tokens[start], tokens[end - 1]
    surface, stop, after, is_number = first.word.surface, last.word.stop, last.end, True
    if end < len(tokens) and tokens[end].start == last.end and tokens[end].word.form in _ORDINAL_ENDINGS:
        ending = tokens[end]
        surface, stop, after, is_number = surface + ending.word.form, ending.word.stop, ending.end, False
        end += 1
        ordinals = _numerals().ordinals
        is_small = form.isdigit() and len(form) < 3 and 0 < int(form) <= len(ordinals)
        form = ordinals[int(form) - 1] if is_small else form + "th"
    word = Word(form, surface, first.word.opens, is_number=is_number, stop=stop)
    found.append(Token(word, first.start, after, first.sentence))
    return end


_DAY = re.compile(r"[0-3]?\d(?:st|nd|rd|th)?")


def _with_units(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with units in full after numbers, "5 to 10 dollars" for "$5 to $10", and days before months."""
    numerals = _numerals()
    found: list[Token] = []
    for token in tokens:
        before = found[-1] if found else None
        if before is not None and before.word.is_number:
            unit = "am" if token.word.surface == "am" else numerals.units.get(token.word.form, token.word.form)
            if unit in ("am", "pm"):
                unit += "+time"
                found[-1] = changed(before, form=before.word.form.removesuffix(":00"))
            token = changed(token, form=unit) if unit != token.word.form else token
        elif before is not None and before.word.form in numerals.months and _DAY.fullmatch(token.word.surface):
            found[-1] = changed(token, form=re.sub(r"\D", "", token.word.surface), is_number=True)
            token = changed(before, stop="")
        found.append(token)
        if len(found) > 4 and found[-2].word.is_number and found[-5].word.is_number:
            forms = [each.word.form for each in found[-6:]]
            is_range = forms[-3] == "to" or (forms[-3] == "and" and forms[:-5] == ["between"])
            if is_range and forms[-1] == forms[-4]:
                del found[-4]  # 5 dollars to 10 dollars
        if len(found) > 2 and found[-2].word.form in ("to", "through") and _is_day(found[-1]) and _is_day(found[-3]):
            found[-2] = changed(found[-2], form="to")  # from Monday through Friday
            if len(found) > 3 and found[-4].word.form == "from":
                del found[-4]
    return found


def _is_day(token: Token) -> bool:
    return token.word.form.removesuffix("s") in _numerals().calendar
