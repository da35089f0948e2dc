"""Decides which headings of a page are questions, by the page's structure and the order of their words.

A heading that ends in "?" is one, unless it is the title of a box ("Did you know?"). Without a mark it is one inside a
block of questions, or if its words have the order of a question: "What is a deductible", not "How it works".
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pipeline.parse.questions import asks_without_mark, ends_in_question_mark
from pipeline.text.characters import with_plain_marks

MOST_SIBLINGS = 0.75  # of the headings beside one another are questions by their form: a block of questions


class Heading(NamedTuple):
    """A heading: its level from 1, its title, and whether text that is no heading follows directly."""

    level: int
    title: str
    has_text: bool


def question_headings(headings: Sequence[Heading]) -> list[bool]:
    """Which of the headings of a page, in order, are questions.

    >>> page = [Heading(2, "How it works", True), Heading(2, "FAQ", False), Heading(3, "Cost of a visit", True)]
    >>> question_headings(page)
    [False, False, True]
    """
    parents = _parents(headings)
    siblings = defaultdict(list)
    for index, heading in enumerate(headings):
        siblings[parents[index], heading.level].append(index)
    asking = [_asks_by_form(heading) for heading in headings]
    blocks: set[int] = set()  # headings in a block of questions
    groups = {parent for index, parent in enumerate(parents) if parent is not None and asking[index]}
    for index, parent in enumerate(parents):
        if parent is not None and (
            names_questions(headings[parent].title) or (parent in blocks and _is_group(parent, headings, groups))
        ):
            blocks.add(index)
    for group in siblings.values():
        if sum(asking[index] for index in group) >= MOST_SIBLINGS * len(group):
            blocks.update(group)
    return [
        asking[index]
        or (index in blocks and not _is_group(index, headings, groups) and not _is_never_question(heading.title))
        for index, heading in enumerate(headings)
    ]


def _parents(headings: Sequence[Heading]) -> list[int | None]:
    """For each heading the nearest one above it of a higher level."""
    open_: list[int] = []
    parents: list[int | None] = []
    for index, heading in enumerate(headings):
        while open_ and headings[open_[-1]].level >= heading.level:
            open_.pop()
        parents.append(open_[-1] if open_ else None)
        open_.append(index)
    return parents


def _is_group(index: int, headings: Sequence[Heading], groups: Collection[int]) -> bool:
    """Whether a heading is the title of a group: deeper headings follow directly, or some below it ask."""
    return index in groups or not headings[index].has_text


def _asks_by_form(heading: Heading) -> bool:
    if _is_never_question(heading.title):
        return False
    return ends_in_question_mark(with_plain_marks(heading.title)) or (
        heading.has_text and (has_order_of_question(heading.title) or asks_without_mark(heading.title))
    )


def _is_never_question(title: str) -> bool:
    return is_box_title(title) or is_framing_title(title) or names_questions(title)


# ---------------------------------------------------------------- the order of words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARY = _set(
    """is are am was were do does did can could should would will shall has have had may might must isn't aren't don't
    doesn't didn't can't couldn't shouldn't won't wouldn't hasn't haven't"""
)
_SUBJECTS = _set(
    """i you we they he she it one there this that these those the a an my your our their his her its any some every all
    someone anyone everyone people"""
)
_INTERROGATIVES = _set("what who whom whose which when where why how")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def has_order_of_question(title: str) -> bool:
    """Whether the words of an English title have the order of a question.

    >>> [has_order_of_question(t) for t in ("What is a deductible", "Which tools do I need", "Is the talk recorded")]
    [True, True, True]
    >>> [has_order_of_question(t) for t in ("How it works", "What you need", "Why this matters", "How gears work")]
    [False, False, False, False]
    """
    words = [word.lower().replace("’", "'") for word in _WORD.findall(title[:200])]
    if len(words) < 3:
        return False
    if words[0] in _AUXILIARY:
        return words[1] in _SUBJECTS and not (words[0] in ("do", "have") and words[1] in ("the", "a", "an", "this"))
    if words[0] not in _INTERROGATIVES or words[1] in _SUBJECTS - {"all", "people"}:
        return False
    if words[1] in _AUXILIARY:
        return True
    for at in range(2, min(6, len(words) - 1)):
        if words[at] in ("does", "did") or (words[at] in _AUXILIARY and words[at + 1] in _SUBJECTS):
            return True
    return False


# ---------------------------------------------------------------- titles that ask for nothing


@cache
def _titles() -> dict[str, re.Pattern[str]]:
    """The patterns of headings.toml: names, framing, boxes."""
    listed = tomllib.loads((files("pipeline.parse") / "headings.toml").read_text(encoding="utf-8"))
    joined = {name: "|".join(patterns) for name, patterns in listed.items()}
    joined["names"] = rf"(?:^|(?<=[\s\W]))(?:{joined['names']})(?=$|[\s\W])|{joined.pop('names_apart')}"
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in joined.items()}


def names_questions(title: str) -> bool:
    """Whether a title names the questions below it: "FAQ", "Your questions", "Häufige Fragen", "よくある質問".

    >>> [names_questions(t) for t in ("Common questions", "FAQ: Visits", "Häufige Fragen", "Who asks questions?")]
    [True, True, True, False]
    """
    if len(title) > 120 or _titles()["names"].search(title) is None:
        return False
    if not ends_in_question_mark(with_plain_marks(title)):
        words = title.split()
        return len(words) <= 12 and not (len(words) > 1 and words[0].lower() in _AUXILIARY | _INTERROGATIVES)
    return len(title.split()) <= 4 and title.split()[0].lower() not in _AUXILIARY | _INTERROGATIVES


def is_framing_title(title: str) -> bool:
    """Whether a title frames an article: contents, key facts, conclusion, sources, about the author.

    >>> [is_framing_title(t) for t in ("The bottom line", "Fazit", "About the author", "About three weeks")]
    [True, True, True, False]
    """
    return len(title) <= 80 and _titles()["framing"].match(title.strip(" .:!–—-")) is not None


def is_box_title(title: str) -> bool:
    """Whether a title or line ends in "?" and asks for no information: it invites, offers or advertises.

    >>> [is_box_title(t) for t in ("Did you know?", "Still have questions?", "Forgot your password?", "Is it free?")]
    [True, True, True, False]
    """
    title = title.strip(" *_#\"'“”").lstrip("¿")
    return len(title) <= 90 and ("?" in with_plain_marks(title)) and _titles()["boxes"].match(title) is not None
