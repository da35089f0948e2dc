"""Patterns of questions that are tried only on texts with the two words that they begin with.

A question is compared with hundreds of patterns, of which nearly all begin with words that it does not have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

__all__ = ["Index", "Pattern", "beginnings_of"]

_INNER = r"(?<!\S)"  # how a pattern begins that a text may match from any word on
_LOOKS_AROUND = ("?!", "?=", "?<!", "?<=")
_LITERAL = re.compile(r"[a-z0-9']+(?![?*+{])")  # characters that stand for themselves, each once


class Pattern:
    """A regular expression, compiled when a text may match it.

    beginnings: one or two words of which a match begins with some ("how", "how long"); None if it may begin with any
    word, or inside one. is_inner: a match may begin at any word of a text. is_opening: it is tried at the first word
    alone, as patterns with "^" are.
    """

    def __init__(self, text: str, is_opening: bool = False) -> None:
        self.text = text
        self.is_inner = text.startswith(_INNER)
        begins_a_word = is_opening or self.is_inner or text.startswith("^")
        self.beginnings = beginnings_of(text.removeprefix(_INNER).removeprefix("^")) if begins_a_word else None

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.text)


class Index:
    """Patterns by their beginnings."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        self._first: dict[str, list[int]] = {}
        self._inner: dict[str, list[int]] = {}
        self._any = [number for number, pattern in enumerate(patterns) if pattern.beginnings is None]
        for number, pattern in enumerate(patterns):
            for beginning in pattern.beginnings or ():
                (self._inner if pattern.is_inner else self._first).setdefault(beginning, []).append(number)

    def that_may_match(self, words: Sequence[str]) -> list[int]:
        """The numbers, ascending, of the patterns that a text with these words may match."""
        if not words:
            return []
        inner = self._inner
        found = {*self._any, *self._first.get(words[0], ()), *self._first.get(" ".join(words[:2]), ())}
        for beginning in (*words, *map(" ".join, pairwise(words))):
            if beginning in inner:
                found.update(inner[beginning])
        return sorted(found)


def beginnings_of(pattern: str) -> frozenset[str] | None:
    """The one or two words with which a match of a pattern may begin; None if it may begin with any word.

    >>> sorted(beginnings_of("(?:in |at )?which (?:way|room) (.+)$")), beginnings_of("what (.+)$")
    (['at which', 'in which', 'which room', 'which way'], frozenset({'what'}))
    >>> beginnings_of("(.+) or (.+)") is None
    True
    """
    reader = _Reader(pattern)
    unfinished, _ = reader.read(0, frozenset(("",)))
    found = reader.found | {part.rstrip() for part in unfinished}
    return None if "" in found else frozenset(found)


class _Reader:
    """Reads the beginning of a pattern. found: complete beginnings; the others are at most two words, not yet ended."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.found: set[str] = set()

    def read(self, start: int, unfinished: frozenset[str]) -> tuple[frozenset[str], int]:
        """The unfinished beginnings at the end of a group, and where it ends."""
        before, branches, place = unfinished, frozenset[str](), start
        while place < len(self.pattern) and self.pattern[place] != ")":
            if literal := _LITERAL.match(self.pattern, place):
                unfinished, place = frozenset(part + literal[0] for part in unfinished), literal.end()
                continue
            sign, place = self.pattern[place], place + 1
            if sign == "|":
                branches, unfinished = branches | unfinished, before
                continue
            if sign == "(":
                longer, place = self._read_group(place, unfinished)
            else:
                longer = self._after(sign, unfinished)
                place += sign == "\\"
            follows = self.pattern[place : place + 1]
            if follows == "?":
                unfinished, place = longer | unfinished, place + 1
            elif follows and follows in "*+{":
                unfinished = self._give_up(longer | unfinished)
            else:
                unfinished = longer
        return branches | unfinished, place

    def _read_group(self, place: int, unfinished: frozenset[str]) -> tuple[frozenset[str], int]:
        opening = next((sign for sign in ("?:", "?P<", *_LOOKS_AROUND) if self.pattern.startswith(sign, place)), "")
        place = self.pattern.index(">", place) + 1 if opening == "?P<" else place + len(opening)
        if opening in _LOOKS_AROUND:  # matches no character
            return unfinished, self.read(place, frozenset())[1] + 1
        longer, end = self.read(place, unfinished)
        return longer, end + 1

    def _after(self, sign: str, unfinished: frozenset[str]) -> frozenset[str]:
        """The beginnings with one more character."""
        if sign == " ":
            self.found.update(part for part in unfinished if " " in part)
            return frozenset(part + " " if part else part for part in unfinished if " " not in part)
        if sign == "$":
            self.found.update(part.rstrip() for part in unfinished)
            return frozenset()
        if sign.isalnum() or sign == "'":
            return frozenset(part + sign for part in unfinished)
        return self._give_up(unfinished)

    def _give_up(self, unfinished: frozenset[str]) -> frozenset[str]:
        """None, since any character may follow: of each beginning the first word is known, if it is complete."""
        self.found.update(part.partition(" ")[0] if " " in part else "" for part in unfinished)
        return frozenset()
