"""Finds where an answer begins and ends between the words of its page, and whether it was cut off there."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.duplicates.rules import rules

__all__ = ["Extent", "extent_of", "in_plain_marks"]

PAGE_WORDS = 8  # sentences of the page itself that are cut off at each end, at most
CUT_REACH = 400  # characters at each end in which words of the page are looked for

_PLAIN = {
    "’": "'",
    "‘": "'",
    "‛": "'",
    "ʼ": "'",
    "“": '"',
    "”": '"',
    "—": "–",
    "−": "-",
    "\u00a0": " ",
    "‐": "-",
    "‑": "-",
}  # one character for one, so that positions in the text remain what they are
_CUT_BEFORE = re.compile(r"\s*(?:\.\.\.|…)")
_MORE_ITEMS = r"more items\s*(?:\.\.\.|…)?\s*•?"
_CUT_AFTER = re.compile(rf"\s*(?:\.\.\.+|…)[\s.…]*(?:{_MORE_ITEMS})?\s*$|\s*{_MORE_ITEMS}\s*$", re.IGNORECASE)
_HALF_WORD = re.compile(r"[^\W\d_][\w'.]*$")


class Extent(NamedTuple):
    """The characters of an answer between the words of its page, and whether it was cut at its beginning or end."""

    start: int
    end: int
    is_cut_before: bool
    is_cut_after: bool


def in_plain_marks(text: str) -> str:
    """The text with one kind of apostrophe, quotation mark, dash, hyphen and blank."""
    if not text.isascii():
        for mark, plain in _PLAIN.items():  # a tenth of the time of str.translate
            text = text.replace(mark, plain)
    return text


def extent_of(text: str) -> Extent:
    """Where an answer in plain marks begins and ends, without the sign of a cut and the half word before it.

    >>> extent_of("It takes two days, or lon...")
    Extent(start=0, end=22, is_cut_before=False, is_cut_after=True)
    """
    start, end = _without_page_words(text)
    is_cut_before = _CUT_BEFORE.match(text, start) is not None
    cut = _CUT_AFTER.search(text, max(start, end - CUT_REACH), end) if _may_be_cut(text[:end][-2:]) else None
    is_cut_after = cut is not None or text.endswith(":", 0, end)
    if cut:
        end = cut.start()
        half = None if text[end].isspace() else _HALF_WORD.search(text, max(start, end - CUT_REACH), end)
        end = half.start() if half and not text[start : half.start()].isspace() and half.start() > start else end
    return Extent(start, end, is_cut_before, is_cut_after)


def _may_be_cut(tail: str) -> bool:
    """Whether a text that ends with these two characters may end with "…", "...", "… ." or "More items"."""
    return (not tail[-1:].isalnum() and not (tail[-1:] == "." and tail[:1].isalnum())) or tail.lower() == "ms"


@cache
def _page_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What the words of a page match before an answer, and behind the end of its last sentence."""
    fillers = rules()["fillers"]
    before, after = (in_plain_marks("|".join(fillers[side])) for side in ("before", "after"))
    return re.compile(rf"[\s*]*(?:{before})[\s*]*", re.IGNORECASE), re.compile(rf"\s*(?:{after})[\s*]*$", re.IGNORECASE)


# The end of a sentence, or a mark that sets off what follows: where words of the page may begin.
_BOUNDARY = re.compile(r"[.!?:;…\n'\")\]–|(\[](?:(?<=[.!?:;…\n])|(?<=[.!?…]['\")\]])|(?<=[–|(\[]))")


def _find_after(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The first match of words of the page that go on to the end of a text, between its characters start and end."""
    for boundary in _BOUNDARY.finditer(text, max(0, start - 1), end):
        at = boundary.start() if boundary.group() in "–|([" else boundary.end()
        found = pattern.match(text, at, end) if at >= start else None
        if found is not None:
            return found
    return None


def _without_page_words(text: str) -> tuple[int, int]:
    """Where the answer begins and ends between the words of its page."""
    before, after = _page_patterns()
    start, end = 0, len(text.rstrip())
    for _ in range(PAGE_WORDS):
        found = before.match(text, start, min(end, start + CUT_REACH))
        if found is None or found.end() >= end:
            break
        start = found.end()
    for _ in range(PAGE_WORDS):
        found = _find_after(after, text, max(start, end - CUT_REACH), end)
        if found is None or found.start() <= start:
            break
        end = found.start() + len(text[found.start() : found.end()]) - len(text[found.start() : found.end()].lstrip())
        end = len(text[:end].rstrip())
    return start, end
