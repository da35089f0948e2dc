"""Patterns of questions that are tried only on texts with the words that they need.

A question is compared with hundreds of patterns, of which nearly all need words that it does not have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

__all__ = ["Index", "Needs"]

_GROUP = re.compile(r"\((\?:|\?P<\w+>|\?<?[=!])?([^()]*)\)")  # an innermost one
_LOOKS_AROUND = ("?=", "?!", "?<=", "?<!")
_EDGES = (r"(?:(?<=\s)|(?!\S))", r"(?<!\S)", r"(?!\S)")  # of words
_WORD = re.compile(r"(?:[a-z0-9'](?![*+{])\??)+")  # characters that represent themselves, some of which may be missing
_LETTER = re.compile(r"(.)(\??)")
_NO_WORDS = frozenset[str]()


class Index:
    """Patterns by the words that they need; each is compiled when a text may match it.

    `{name}` in a pattern stands for a macro. are_openings: a text has to match from its first word on.
    Each pattern has a bit in each of some rows, which say whether its first, second, ... need is fulfilled. A word has
    the bits of the needs that it fulfils, all rows as one number.
    """

    def __init__(self, patterns: Sequence[str], macros: Mapping[str, str], are_openings: bool = False) -> None:
        self._patterns, self._macros = patterns, macros
        self._compiled: dict[int, re.Pattern[str]] = {}
        needs_of = Needs(macros)
        needs = [needs_of(f"^{pattern}" if are_openings else pattern) for pattern in patterns]
        self._rows = max(map(len, needs), default=0)
        self._by_word: dict[str, int] = {}
        self._fulfilled = 0  # by any text: the needs that a pattern does not have
        for number, of_pattern in enumerate(needs):
            for row in range(self._rows):
                bit = 1 << (row * len(patterns) + number)
                if row >= len(of_pattern):
                    self._fulfilled |= bit
                    continue
                for word in of_pattern[row]:
                    self._by_word[word] = self._by_word.get(word, 0) | bit

    def that_may_match(self, words: Sequence[str]) -> list[int]:
        """The numbers, ascending, of the patterns that a text with these words may match."""
        if not words:
            return []
        by_word, size = self._by_word, len(self._patterns)
        fulfilled = self._fulfilled | by_word.get(f"^{words[0]}", 0)
        for word in words:
            if word in by_word:
                fulfilled |= by_word[word]
        found = (1 << size) - 1
        for _ in range(self._rows):
            found &= fulfilled
            fulfilled >>= size
        numbers = []
        while found:
            lowest = found & -found
            numbers.append(lowest.bit_length() - 1)
            found ^= lowest
        return numbers

    def compiled(self, number: int) -> re.Pattern[str]:
        """A pattern, ready to be searched for."""
        if number not in self._compiled:
            pattern = self._patterns[number]
            for name, forms in self._macros.items():
                pattern = pattern.replace(f"{{{name}}}", f"(?:{forms})")
            self._compiled[number] = re.compile(pattern)
        return self._compiled[number]


class _Group(NamedTuple):
    """What is in brackets: its options as their parts, and words of which each match has one (none if any may do).

    ends_before_word, begins_behind_word: the group ends, or begins, with a space. looks_around: it takes no text.
    """

    options: Sequence[Sequence[str]]
    words: frozenset[str]
    ends_before_word: bool
    begins_behind_word: bool
    looks_around: bool


class Needs:
    """Finds the sets of words that a pattern needs: a text that matches has a word of each.

    "^how" is "how" as the first word of a text. Brackets are read from the inside out: each is replaced by one sign, so
    that a pattern, or an option, is split by its spaces alone. Brackets as characters are not expected.

    >>> needs = Needs({"house": "(?:the|your) (?:shop|clinic)"})
    >>> [sorted(words) for words in needs("^(?:in |at )?which (?:way|other rooms?) (.+) in {house}(?: now)?$")]
    [['^at', '^in', '^which'], ['which'], ['other', 'way'], ['in'], ['clinic', 'shop']]
    """

    def __init__(self, macros: Mapping[str, str]) -> None:
        self._signs: dict[str, str] = {}  # by brackets with their content
        self._groups: dict[str, _Group] = {}  # by sign
        self._macros = {f"{{{name}}}": self._flat(f"(?:{forms})") for name, forms in macros.items()}

    def __call__(self, pattern: str) -> list[frozenset[str]]:
        for name, sign in self._macros.items():
            pattern = pattern.replace(name, sign)
        flat = self._flat(pattern)
        if "|" in flat:
            return []
        parts = _parts(flat.removeprefix("^").removesuffix("$"))
        if not flat.startswith(("^", " ")):
            parts[0] = ""
        if not flat.endswith(("$", " ")):
            parts[-1] = ""
        first = self._first_words(parts[0]) if flat.startswith("^") else _NO_WORDS
        sets = dict.fromkeys(words for part in parts if (words := self._words(part)) and words != first)
        return [frozenset(f"^{word}" for word in first), *sets] if first else [*sets]

    def _flat(self, pattern: str) -> str:
        """The pattern with a space for each edge of a word and a sign for each pair of brackets outside others."""
        for edge in _EDGES:
            pattern = pattern.replace(edge, " ")
        while "(" in pattern:
            pattern = _GROUP.sub(self._sign, pattern)
        return pattern

    def _sign(self, group: re.Match[str]) -> str:
        """One character, from those for private use; "" for brackets without content."""
        if not group[2]:
            return ""
        if group[0] not in self._signs:
            looks_around = group[1] in _LOOKS_AROUND
            options = group[2].split("|")
            parts = [_parts(option) for option in options]
            sign = chr(0xE000 + len(self._signs))
            self._signs[group[0]] = sign
            self._groups[sign] = _Group(
                [] if looks_around else parts,
                _NO_WORDS if looks_around else _union([self._rarest_words(some) for some in parts]),
                all(option.endswith(" ") for option in options),
                all(option.startswith(" ") for option in options),
                looks_around,
            )
        return self._signs[group[0]]

    def _rarest_words(self, parts: Sequence[str]) -> frozenset[str]:
        """The longest of the words that a phrase needs; of equally long ones the last: a question begins as many do."""
        if len(parts) == 1:
            return self._words(parts[0])
        sets = [words for part in reversed(parts) if (words := self._words(part))]
        return max(sets, key=lambda words: min(map(len, words)), default=_NO_WORDS)

    def _words(self, part: str) -> frozenset[str]:
        """Words of which each text has one that matches the part, which is between two spaces; none if any may do."""
        _, rest = self._before_word(part)
        if rest[:1] not in self._groups:
            return self._spellings(rest)
        return self._groups[rest[0]].words if self._is_tail(rest[1:]) else _NO_WORDS

    def _first_words(self, part: str) -> frozenset[str]:
        """Words of which the part of a match begins with one; none if it may begin with anything."""
        before, rest = self._before_word(part)
        found = [self._first_of_options(group) for group in before]
        if rest[:1] not in self._groups:
            return _union([*found, self._spellings(rest)])
        return _union([*found, self._first_of_options(self._groups[rest[0]])]) if self._is_tail(rest[1:]) else _NO_WORDS

    def _first_of_options(self, group: _Group) -> frozenset[str]:
        return _union([self._first_words(parts[0]) for parts in group.options])

    def _before_word(self, part: str) -> tuple[list[_Group], str]:
        """The groups at the beginning of a part that end with a space, and the rest of the part."""
        before = []
        while part[:1] in self._groups and not self._is_tail(part[1:]):
            group = self._groups[part[0]]
            if not group.looks_around:
                if not group.ends_before_word:
                    break
                before.append(group)
            part = part[1:].lstrip("?*+")
        return before, part

    def _spellings(self, part: str) -> frozenset[str]:
        """The spellings of a part that is one word; none if it is anything else."""
        if part.isalnum():
            return frozenset((part,))
        word = _WORD.match(part)
        if not word or not self._is_tail(part[word.end() :]):
            return _NO_WORDS
        letters = [(letter, "") if mark else (letter,) for letter, mark in _LETTER.findall(word[0])]
        every = frozenset(map("".join, product(*letters)))
        return _NO_WORDS if "" in every else every

    def _is_tail(self, rest: str) -> bool:
        """Whether a word ends before this rest of a part: it is no text, or groups that begin with a space."""
        while rest[:1] in self._groups:
            group = self._groups[rest[0]]
            if not group.looks_around and not group.begins_behind_word:
                return False
            rest = rest[1:].lstrip("?*+")
        return not rest


def _parts(flat: str) -> list[str]:
    """What is between the spaces of a pattern; "" on both sides of a space that may be missing or repeated."""
    parts = flat.split(" ")
    for place, part in enumerate(parts):
        if part.startswith(("?", "*", "+", "{")):
            parts[place - 1] = parts[place] = ""
    return parts


def _union(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """All words of the sets; none if a set has none."""
    return _NO_WORDS.union(*sets) if all(sets) else _NO_WORDS
