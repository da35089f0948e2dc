"""Cleans questions and answers by one listed order of repairs (`LINE_REPAIRS`).

Cleaning adds, drops and changes no word: the letters and digits of a cleaned text are those of the raw one with its
characters restored, except for list bullets, question and answer markers, and the phrase "More items...•" that search
pages write below a list they cut short.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipeline.text.characters import restore_characters
from pipeline.text.unglue import (
    GLUE_AROUND,
    GLUE_AT,
    break_after_ellipses,
    break_before_numbers,
    separate_sentences,
)

# ---------------------------------------------------------------- markers and bullets

_SPACED_BULLETS, _BULLETS = r"\-*+–—−·‣◦▪▫●○■□►▸▶▹➢➤➔✓✔→»>•", "•●▪■‣"
BULLET = re.compile(rf"(?:[{_SPACED_BULLETS}]+\s|[{_BULLETS}])\s*")
_ANSWER_MARKER = re.compile(
    r"(?:\*\*|__)?(?:A\d{0,4}|Ans(?:wer)?\.?\s?\d{0,4})\s?[:.)](?:\s?(?:\*\*|__))?(?=\s|$)\s*", re.IGNORECASE
)
_QUESTION_MARKER = re.compile(
    r"(?:#{1,6}\s*|={1,6}\s+|\*\*|__|[-*•–·▸▶►▼+−»]\s+|Q\d{0,4}\s?[:.)]+\s*|Question\s?\d{0,4}\s?[:.)]\s*|\d{1,4}(?:[.)۔।]\s+|[、．]\s*))+",
    re.IGNORECASE,
)
# Emphasis, and the signs that open a folded answer: "**", "##", "[+]", "▼".
_CLOSING_MARKER = re.compile(
    r"(?<=[?？؟])(?:[”\"’)]?(?:\s?[^\w\s”\"’)?.!…？！؟。]|\s?[\[(][+×–-][\])]){1,6})$"
    r"|\s?(?:\*\*|__|#{1,6}|\s={1,6}|\s[+▼▾⌄▸›»])$"
)
_MORE_ITEMS = re.compile(r"More\s+items\s?(?:\.\.\.|…)\s?•?", re.IGNORECASE)


def clean_question(raw: str, marker: int | None = None) -> str:
    """The question without its marker, in single spaces; no "?" is added and case does not change.

    `marker`: how many characters of the restored text are the marker; None finds the usual ones.

    >>> clean_question("## 3.  What is  asthma?")
    'What is asthma?'
    >>> clean_question("**Q: How to get help**")
    'How to get help'
    """
    text = restore_characters(raw).strip()
    if marker is None:
        found = _QUESTION_MARKER.match(text)
        marker = found.end() if found and found.end() < len(text) else 0
    text = _in_single_spaces(text[marker:])
    return text if text[-1:] == "?" or text[-1:].isalnum() else _CLOSING_MARKER.sub("", text)


def _in_single_spaces(text: str) -> str:
    is_tidy = text.isprintable() and "  " not in text and " " not in (text[:1], text[-1:])
    return text if is_tidy else " ".join(text.split())


def restored(raw: str) -> Iterator[tuple[str, list[str]]]:
    """The texts that cleaning may have begun with, and what it may have taken for the marker of each.

    They are the restored text, as in questions, and the same without "More items...", as in lists that were cut.

    >>> list(restored("Q3: What is it?More items...•"))
    [('Q3: What is it?More items...•', ['', 'Q3: ']), ('Q3: What is it?', ['', 'Q3: '])]
    """
    whole = restore_characters(raw).strip()
    for text in dict.fromkeys((whole, _MORE_ITEMS.sub("", whole))):
        found = (_QUESTION_MARKER.match(text), _ANSWER_MARKER.match(text))
        yield text, ["", *dict.fromkeys(match[0] for match in found if match)]


# ---------------------------------------------------------------- repairs of the lines of an answer


class AnswerContext(NamedTuple):
    """What a repair may know of the answer: whether it is a list that its page cut short, and its question."""

    is_list: bool
    question: str


@dataclass(frozen=True, slots=True)
class LineRepair:
    """One repair of a line in single spaces; it may break the line into several.

    Only a line that holds its sign is changed: a character of the class `at` around which `around` matches (`around`
    begins after that character). `flag` is the field of `Cleaned` that says whether the repair changed anything.
    """

    at: str
    around: str
    apply: Callable[[str, AnswerContext], str]
    flag: str = ""

    @property
    def sign(self) -> str:
        """The pattern of the sign."""
        return f"[{self.at}](?:{self.around})"


_SPACES_BEFORE_STOPS = re.compile(r" ([.,;:!?]+)(?![\w/\\-])")  # not " ./run", " ;-)"

# In the order in which they are applied to every line of an answer.
LINE_REPAIRS = (
    LineRepair(".", r"(?<=\.\.\.)", lambda line, _: line.replace("...", "…")),
    LineRepair(_SPACED_BULLETS + _BULLETS, "(?<=^.)", lambda line, _: _without_bullet(line), "is_bulleted"),
    LineRepair(".,;:!?", "(?<= .)", lambda line, _: _SPACES_BEFORE_STOPS.sub(r"\1", line)),
    LineRepair(GLUE_AT, GLUE_AROUND, lambda line, of: separate_sentences(line, of.is_list, of.question), "is_glued"),
    LineRepair("…", "(?= )", lambda line, of: break_after_ellipses(line, of.is_list)),
    LineRepair("1", r"(?<![^\s(0].)(?=[.)]?\s)", lambda line, _: break_before_numbers(line), "is_numbered_inline"),
)
# Derived from the list: the sign of each repair, and one pattern that finds any of them. Most lines show no sign.
_SIGNS = [re.compile(repair.sign) for repair in LINE_REPAIRS]
_ANY_SIGN = re.compile(
    f"[{''.join(repair.at for repair in LINE_REPAIRS)}]"
    f"(?:{'|'.join(f'(?<=[{repair.at}])(?:{repair.around})' for repair in LINE_REPAIRS)})"
)


def _without_bullet(line: str) -> str:
    bullet = BULLET.match(line)
    return line[bullet.end() :] if bullet else line


# ---------------------------------------------------------------- answers


class Cleaned(NamedTuple):
    """A cleaned answer, and what cleaning saw in the raw text."""

    text: str
    is_bulleted: bool
    is_numbered_inline: bool
    is_glued: bool
    truncation_kinds: tuple[str, ...]


def clean_answer(raw: str, marker: int | None = None, question: str = "") -> Cleaned:
    r"""The answer as a careful typist would copy it, one list item per line, and what the raw text showed.

    `marker`: how many characters of the restored text are the answer marker; None finds the usual ones ("A:",
    "Answer:"). `question`: its words help to distinguish a glued title ("Valley FeverOther people") from a name.

    >>> clean_answer("A: See your doctor.Your doctor may refer you .").text
    'See your doctor. Your doctor may refer you.'
    >>> clean_answer("- Gender. ...\n- Race. ...\n- Age").text
    'Gender. …\nRace. …\nAge'
    >>> clean_answer("They include: 1 Family 2 Friends").text
    'They include:\n1 Family\n2 Friends'
    >>> clean_answer("Facts about asthmaAsk your doctor.Take notes.More items...•").text
    'Facts about asthma\nAsk your doctor.\nTake notes.'
    """
    text = restore_characters(raw).strip()
    if marker is None and text[:1] in "Aa*_":
        found = _ANSWER_MARKER.match(text)
        marker = found.end() if found else 0
    text = text[marker or 0 :]
    kinds = truncation_kinds(text)
    context = AnswerContext("more_items" in kinds, question)
    if context.is_list:
        text = _MORE_ITEMS.sub("", text)
    lines: list[str] = []
    flags: set[str] = set()
    for line in _unwrapped(text) if "\n" in text else (text,):
        line = _in_single_spaces(line)
        if context.is_list or _ANY_SIGN.search(line):
            line = _repaired(line, context, flags)
        if line:
            lines += filter(None, line.split("\n")) if "\n" in line else (line,)
    return Cleaned("\n".join(lines), "is_bulleted" in flags, "is_numbered_inline" in flags, "is_glued" in flags, kinds)


def _repaired(line: str, context: AnswerContext, flags: set[str]) -> str:
    """The line after every repair in order; adds the flags of the repairs that changed it to `flags`."""
    for sign, repair in zip(_SIGNS, LINE_REPAIRS, strict=True):
        if context.is_list or sign.search(line):  # in a list that was cut, glue needs no sign
            repaired = repair.apply(line, context)
            if repaired != line:
                flags.add(repair.flag)
                line = repaired
    return line


WIDEST_WRAPPED = 120  # characters of a line that a program may have broken; longer ones are paragraphs
LEAST_FULL = 0.5  # share of the width of the text that a line has if it was broken; a shorter one ends a paragraph


def _unwrapped(text: str) -> list[str]:
    """The lines of a text, or its paragraphs and list items when prose runs on over its line ends.

    It runs on if a third of the lines go on in lower case.
    """
    lines = [line.strip() for line in text.split("\n")]
    runs_on = sum(line[:1].islower() for line in lines[1:])
    width = max(map(len, lines))
    if width > WIDEST_WRAPPED or 3 * runs_on < len(lines) - 1 or not runs_on:
        return lines
    paragraphs: list[list[str]] = [lines[:1]]
    for before, line in pairwise(lines):
        if line and before and len(before) > LEAST_FULL * width and not BULLET.match(line):
            is_cut = before[-1] == "-" and before[-2:-1].isalpha() and line[0].isalpha()
            paragraphs[-1] += [line] if is_cut else [" ", line]
        else:
            paragraphs.append([line])
    return ["".join(paragraph) for paragraph in paragraphs]


# ---------------------------------------------------------------- truncation


def truncation_kinds(text: str) -> tuple[str, ...]:
    """How a restored answer shows that it was cut, in alphabetical order; empty when it does not.

    `trailing_ellipsis` `internal_ellipsis` `more_items` `trailing_colon` `mid_word`, as in the annotation guidelines.

    >>> truncation_kinds("He or she may b...")
    ('mid_word', 'trailing_ellipsis')
    >>> truncation_kinds("- Gender. ...\\n- These include:")
    ('internal_ellipsis', 'trailing_colon')
    """
    end = text.rstrip()
    if "..." not in end and "…" not in end:
        return ("trailing_colon",) if end.endswith(":") else ()
    kinds = []
    if "ore" in end and _MORE_ITEMS.search(end):
        kinds.append("more_items")
        end = _MORE_ITEMS.sub("", end).rstrip()
    if end.endswith(("...", "…")):
        kinds.append("trailing_ellipsis")
        if end[-4:-3].isalnum() and end.endswith("..."):  # pages with typographic quotes write "…" behind whole words
            kinds.append("mid_word")
        end = end.removesuffix("…").removesuffix("...")
    if "..." in end or "…" in end:
        kinds.append("internal_ellipsis")
    if end.endswith(":"):
        kinds.append("trailing_colon")
    return tuple(sorted(kinds))
