"""Builds the occurrences and leftovers of one document from its text.

Read `parse_text` first. `classify` divides the text into segments, each with one role; here segments become occurrences
and leftovers. Every offset counts in the text given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.errors import check_argument
from pipeline.limits import LONGEST_REMEMBERED, REMEMBERED_ANSWERS
from pipeline.parse.classify import ANSWER, BREAK, EMPTY, ENTRY, FURNITURE, QUESTION, Segment, read_segments
from pipeline.parse.furniture import is_toggle
from pipeline.parse.page import Page, part_keys
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.characters import restore_characters, with_plain_marks
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.keys import answer_key, question_key
from pipeline.text.memory import remembers_short

ORPHAN = "orphan_answer"


@dataclass(slots=True)  # not frozen: making one would take three times as long; no code changes one
class Occurrence:
    """A question with its answer, or a leftover: `role` says which. Columns as in the tables, without ids.

    `text` is the source from `char_start` to `char_end`. In a leftover all fields about question and answer are None
    or False; in an unanswered question those about the answer.
    """

    role: str  # 'question', or a leftover's 'orphan_answer' | 'heading' | 'furniture'
    text: str
    line_start: int
    line_end: int
    char_start: int
    char_end: int
    ordinal: int | None = None
    question_raw: str | None = None
    answer_raw: str | None = None
    question: str | None = None
    answer: str | None = None
    question_key: str | None = None
    answer_key: str | None = None
    answer_char_start: int | None = None
    is_answered: bool = False
    is_truncated: bool = False
    truncation_kinds: tuple[str, ...] = ()
    is_bulleted: bool = False
    is_numbered_inline: bool = False
    has_citation: bool = False
    has_question_mark: bool = False
    is_glued: bool = False
    has_embedded_question: bool = False


def parse_text(text: str, *, furniture: Collection[str] = ()) -> list[Occurrence]:
    """The questions of a document with their answers, and its leftovers, in source order.

    Every line that is not blank is in exactly one of them; a line that ends one pair and starts the next may be in two.
    `furniture`: keys of lines that many pages of the same site repeat (see `page.line_keys`).

    >>> [(o.role, o.question, o.answer) for o in parse_text("FAQ\\n\\nWhat is a cold?\\nA virus.\\nBack to top")]
    [('heading', None, None), ('question', 'What is a cold?', 'A virus.'), ('furniture', None, None)]
    """
    check_argument("text", text, str, "text")
    return read_page(text, furniture)[0]


def read_page(
    text: str,
    furniture: Collection[str] = (),
    *,
    is_article: bool = False,
    has_marked_headings: bool = False,
    tables: Sequence[tuple[int, int]] = (),
    markup: Sequence[tuple[int, int]] = (),
) -> tuple[list[Occurrence], list[str]]:
    """What `parse_text` returns, and the keys of lines that could be parts of the page (`page.line_keys`).

    `is_article`: see `Known`. `has_marked_headings`: a line with "#" is a heading and no question. `tables`: spans of
    tables of figures. `markup`: of lines of mark-up without words.
    """
    page = Page(text, is_article, has_marked_headings, tables, markup)
    return assemble(text, read_segments(page, furniture)), part_keys(page.lines)


def assemble(text: str, segments: list[Segment]) -> list[Occurrence]:
    """The occurrences and leftovers that the segments of a text form, in source order."""
    found: list[Occurrence] = []
    ordinal = index = 0
    while index < len(segments):
        segment = segments[index]
        if segment.role in (QUESTION, ENTRY):
            end = _answer_end(text, segments, index + 1) if segment.role == QUESTION else index + 1
            found.append(_occurrence(text, ordinal, segment, segments[index + 1 : end]))
            ordinal += 1
        else:
            end = _leftover_end(segments, index)
            found.append(_leftover(text, segment, segments[end - 1]))
        index = end
    return found


def _answer_end(text: str, segments: list[Segment], start: int) -> int:
    """The end of the answer that starts at a segment: after the last one; `start` where none says anything ("…")."""
    end = index = start
    says_something = False
    while index < len(segments) and segments[index].role in (ANSWER, BREAK, EMPTY):
        segment = segments[index]
        index += 1
        if segment.role == ANSWER:
            end = index
            says_something = says_something or _says_something(text, segment.start, segment.end)
    return end if says_something else start


def _says_something(text: str, start: int, end: int) -> bool:
    """Whether a span is more than punctuation; a sign such as "✓" answers."""
    return text[start : start + 1].isalnum() or any(
        not c.isspace() and unicodedata.category(c)[0] != "P" for c in text[start:end]
    )


def _leftover_end(segments: list[Segment], start: int) -> int:
    """The end of a run of adjacent lines of one role that belong to no question."""
    end = start + 1
    while end < len(segments) and segments[end].first == segments[end - 1].last + 1:
        if _leftover_role(segments[end]) != _leftover_role(segments[start]):
            break
        end += 1
    return end


def _leftover_role(segment: Segment) -> str:
    return {ANSWER: ORPHAN, BREAK: FURNITURE, EMPTY: FURNITURE}.get(segment.role, segment.role)


def _leftover(text: str, first: Segment, last: Segment) -> Occurrence:
    lines = text[first.start : last.end]
    return Occurrence(_leftover_role(first), lines, first.first, last.last, first.start, last.end)


def _occurrence(text: str, ordinal: int, question: Segment, answer: list[Segment]) -> Occurrence:
    """A question with the segments of its answer; an unanswered one has none. What opens the answer is none of it."""
    while len(answer) > 1 and (
        answer[0].role == BREAK or (answer[0].role == EMPTY and _is_toggle(text[answer[0].start : answer[0].end]))
    ):
        answer = answer[1:]
    end = answer[-1].end if answer else question.end
    question_raw = _plain_ends(text[question.start : question.end])
    answer_raw = _plain_ends(text[answer[0].start : end]) if answer else None
    return Occurrence(
        role=QUESTION,
        text=text[question.start : end],
        line_start=question.first,
        line_end=answer[-1].last if answer else question.last,
        char_start=question.start,
        char_end=end,
        ordinal=ordinal,
        question_raw=question_raw,
        answer_raw=answer_raw,
        answer_char_start=answer[0].start if answer else None,
        has_embedded_question=bool(answer) and answer[0].is_embedded,
        **_clean(
            answer_raw or "",
            _without_breaks(text, answer),
            answer[0].marker or None if answer else None,
            question_raw,
            question.marker,
            is_answered=bool(answer),
        ),
    )


@remembers_short(LONGEST_REMEMBERED, REMEMBERED_ANSWERS)
def _clean(
    answer_raw: str,
    without_breaks: str,
    marker: int | None,
    question_raw: str,
    question_marker: int | None,
    is_answered: bool,
) -> dict[str, Any]:
    """The fields of an occurrence that its question and its answer give wherever they are on a page."""
    question = clean_question(question_raw, question_marker)
    cleaned = clean_answer(without_breaks or answer_raw, marker, question)
    return {
        "question": question,
        "answer": cleaned.text if is_answered else None,
        "question_key": question_key(question),
        "answer_key": answer_key(cleaned.text) if is_answered else None,
        "is_answered": is_answered,
        "is_truncated": bool(cleaned.truncation_kinds),
        "truncation_kinds": cleaned.truncation_kinds,
        "is_bulleted": cleaned.is_bulleted,
        "is_numbered_inline": cleaned.is_numbered_inline,
        "has_citation": is_answered and _has_citation(answer_raw),
        "has_question_mark": ends_in_question_mark(with_plain_marks(question_raw[-16:])),
        "is_glued": cleaned.is_glued,
    }


def _without_breaks(text: str, answer: list[Segment]) -> str:
    """The raw answer without the heads of printed pages and the lines of mark-up in it; "" if it has none.

    So its sentences go on.
    """
    if all(segment.role != BREAK for segment in answer):
        return ""
    parts = [_plain_ends(text[answer[0].start : answer[0].end]).rstrip()]
    for before, segment in pairwise(answer):
        if segment.role != BREAK:
            gap = "\n" if before.role == BREAK else _plain_ends(text[before.end : segment.start])
            parts += [gap, _plain_ends(text[segment.start : segment.end])]
    return "".join(parts)


def _is_toggle(text: str) -> bool:
    return is_toggle(restore_characters(text).strip())


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n") if "\r" in text else text  # one character is found in a sixth of the time of two


# ---------------------------------------------------------------- citations

_REFERENCE = re.compile(r"\[\d{1,4}(?:\s?[-–,;]\s?\d{1,4})*\]")
_AUTHOR_YEAR = re.compile(r"\([A-Z][^()\d]{1,60},? (?:19|20)\d\d[a-z]?\)")
_DOI = re.compile(r"\bdoi:?\s?10\.|doi\.org/10\.", re.IGNORECASE)
_SOURCE = re.compile(r"^[ \t]*sources?:", re.IGNORECASE | re.MULTILINE)


def _has_citation(text: str) -> bool:
    """Whether an answer refers to a publication: [1], (Author, year), a DOI, a "Source:" line.

    >>> _has_citation("It helps [1, 2].") and _has_citation("It helps (Smith et al., 2019).")
    True
    >>> _has_citation("It helps, Smith says [in 2019].")
    False
    """
    if "[" in text and _REFERENCE.search(text):
        return True
    if "(" in text and _AUTHOR_YEAR.search(text):
        return True
    if "1" in text and "10." in text and _DOI.search(text):
        return True
    return ":" in text and "ource" in text and _SOURCE.search(text) is not None
