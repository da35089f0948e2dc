"""Reads JSON that is broken as people break it: commas, quotes, comments, brackets that are missing or too many.

A quote inside a text and the quote that ends it are the same sign. What follows decides: the end of a text is followed
by a bracket, or by a comma and the next key or value.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

MAX_DEPTH = 60  # of brackets; deeper ones are hostile

_SPACE = r"(?:\s|//[^\n]{0,400}\n|/\*(?:[^*]|\*(?!/)){0,400}\*/)*+"
_SKIP = re.compile(_SPACE)
# The signs that open a text, each with those that can close it; word processors make typographic quotes.
_CLOSING = {
    sign: re.compile(f"[{closing}]")
    for sign, closing in (('"', '"'), ("'", "'"), ("“", "”“"), ("”", "”"), ("„", "“”"), ("«", "»"), ("‘", "’"))
}
_OPENING = "".join(_CLOSING)
_KEY = rf"[{_OPENING}]?[@$\w][\w@$.:-]{{0,40}}[{_OPENING}»’]?\s{{0,20}}:"
# What follows the quote that ends a text, in an object and in a list.
_AFTER_VALUE = re.compile(rf"{_SPACE}(?:,{_SPACE}(?:{_KEY}|[}}\]]|\Z)|[}}\]]|[{_OPENING}]{_KEY}|;?\s*\Z)")
_AFTER_ITEM = re.compile(rf"{_SPACE}(?:,{_SPACE}(?:[{_OPENING}{{\[}}\]]|-?\d|\w+\s*[,\]]|\Z)|[}}\]]|;?\s*\Z)")
_AFTER_KEY = re.compile(rf"{_SPACE}:")
_BARE = re.compile(r"[^\s,:{}\[\]\"'/]+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def read_loose_json(text: str) -> list[Any]:
    """The values of a JSON text, as far as they can be read; those of a broken one as its author meant them.

    >>> read_loose_json('{"name": "What does "bare" mean?", /* ! */ "n": [1, 2,], }')
    [{'name': 'What does "bare" mean?', 'n': ['1', '2']}]
    >>> read_loose_json("{'a': 'It\\\\'s cut")
    [{'a': "It's cut"}]
    """
    try:
        return [json.loads(text, strict=False, parse_int=str, parse_float=str)]
    except (ValueError, RecursionError):
        pass
    if text.count("&quot;") > text.count('"'):
        text = html.unescape(text)
    reader = _Reader(text)
    found = []
    while reader.at < len(text):
        before = reader.at
        value = reader.value(0, _AFTER_ITEM)
        if isinstance(value, dict | list):
            found.append(value)
        if reader.at == before:
            reader.at += 1
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def sign(self) -> str:
        """The next character that is no white space and no comment; '' at the end."""
        skipped = _SKIP.match(self.text, self.at)
        self.at = skipped.end() if skipped else self.at
        return self.text[self.at : self.at + 1]

    def value(self, depth: int, after: re.Pattern[str]) -> Any:
        sign = self.sign()
        if sign in ("{", "[") and sign and depth < MAX_DEPTH:
            self.at += 1
            return self.mapping(depth + 1) if sign == "{" else self.items(depth + 1)
        if sign in _CLOSING:
            return self.string(sign, after)
        bare = _BARE.match(self.text, self.at)
        if bare is None:
            return None
        self.at = bare.end()
        return bare[0]

    def mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (sign := self.sign()) not in ("}", "]", ""):
            before = self.at
            if sign in _CLOSING:
                key = self.string(sign, _AFTER_KEY)
            else:
                bare = _BARE.match(self.text, self.at)
                key = bare[0] if bare else ""
                self.at = bare.end() if bare else self.at + 1
            if key and self.sign() == ":":
                self.at += 1
                found[key] = self.value(depth, _AFTER_VALUE)
            elif self.at == before:
                self.at += 1
        self.at += sign == "}"
        return found

    def items(self, depth: int) -> list[Any]:
        found = []
        while (sign := self.sign()) not in ("]", "}", ""):
            if sign in (",", ":"):
                self.at += 1
                continue
            before = self.at
            found.append(self.value(depth, _AFTER_ITEM))
            self.at += self.at == before
        self.at += sign == "]"
        return found

    def string(self, quote: str, after: re.Pattern[str]) -> str:
        """The text that opens here, up to the quote that ends it; all the rest where none does."""
        start = self.at + 1
        for found in _CLOSING[quote].finditer(self.text, start):
            if not _is_escaped(self.text, found.start(), start) and after.match(self.text, found.end()):
                self.at = found.end()
                return _plain(self.text[start : found.start()])
        self.at = len(self.text)
        return _plain(self.text[start:])


def _is_escaped(text: str, at: int, start: int) -> bool:
    """Whether an odd number of backslashes is before a character."""
    before = at
    while before > start and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def _plain(text: str) -> str:
    """A text of JSON without its escapes."""
    if "\\" not in text:
        return text
    quoted = _ESCAPE.sub(lambda found: "'" if found[1] == "'" else found[0], text)
    try:
        return str(json.loads('"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', quoted) + '"', strict=False))
    except ValueError:
        return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)
