"""One document's text to its questions and answers, and everything else that stands on the page.

Read `parse_text` first. A page is read line by line into pieces (`reading`); here the pieces are put together into
occurrences and leftovers. Every offset counts in the text given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.parse.classify import ANSWER, EMPTY, ENTRY, FURNITURE, QUESTION, Piece, read_pieces
from pipeline.parse.page import Page, part_keys
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.keys import answer_key, question_key

ORPHAN = "orphan_answer"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A question with its answer, or a leftover: `role` says which. Columns as in the tables, less ids.

    `text` is the source from `char_start` to `char_end`. Of a leftover all fields about question and answer are None
    or False; of an unanswered question those about the answer.
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


class Parsed(NamedTuple):
    """An `Occurrence` in the making, field for field: as a tuple it takes a quarter of the time."""

    role: str
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

    Every line that is not blank lies in exactly one of them; a line that ends one pair and starts the next may lie in
    two. `furniture`: keys of lines that stand on many pages of the same site (see `layout.line_keys`).

    >>> [(o.role, o.question, o.answer) for o in parse_text("FAQ\\n\\nWhat is a cold?\\nA virus.\\nBack to top")]
    [('heading', None, None), ('question', 'What is a cold?', 'A virus.'), ('furniture', None, None)]
    """
    return [Occurrence(*piece) for piece in read_page(text, furniture)[0]]


def read_page(text: str, furniture: Collection[str] = ()) -> tuple[list[Parsed], list[str]]:
    """What `parse_text` finds, and the keys of lines that could be parts of the page (`layout.line_keys`)."""
    page = Page(text)
    return assemble(text, read_pieces(page, furniture)), part_keys(page.lines)


def assemble(text: str, pieces: list[Piece]) -> list[Parsed]:
    """The occurrences and leftovers that pieces of a text make, in source order."""
    made: list[Parsed] = []
    ordinal = index = 0
    while index < len(pieces):
        piece = pieces[index]
        if piece.role in (QUESTION, ENTRY):
            end = _answer_end(pieces, index + 1) if piece.role == QUESTION else index + 1
            made.append(_occurrence(text, ordinal, piece, pieces[index + 1 : end]))
            ordinal += 1
        else:
            end = _leftover_end(pieces, index)
            made.append(_leftover(text, piece, pieces[end - 1]))
        index = end
    return made


def _answer_end(pieces: list[Piece], start: int) -> int:
    """Where the answer that starts at a piece ends: after its last piece that says something."""
    end = taken = start
    while taken < len(pieces) and pieces[taken].role in (ANSWER, EMPTY):
        taken += 1
        if pieces[taken - 1].role == ANSWER:
            end = taken
    return end


def _leftover_end(pieces: list[Piece], start: int) -> int:
    """Where a run of adjacent lines of one role ends that belong to no question."""
    end = start + 1
    while end < len(pieces) and pieces[end].first == pieces[end - 1].last + 1:
        if _leftover_role(pieces[end]) != _leftover_role(pieces[start]):
            break
        end += 1
    return end


def _leftover_role(piece: Piece) -> str:
    return {ANSWER: ORPHAN, EMPTY: FURNITURE}.get(piece.role, piece.role)


def _leftover(text: str, first: Piece, last: Piece) -> Parsed:
    lines = text[first.start : last.end]
    return Parsed(_leftover_role(first), lines, first.first, last.last, first.start, last.end)


def _occurrence(text: str, ordinal: int, question: Piece, answer: list[Piece]) -> Parsed:
    """A question and the pieces of its answer, none for an unanswered one."""
    end = answer[-1].end if answer else question.end
    question_raw = _plain_ends(text[question.start : question.end])
    question_clean = clean_question(question_raw, question.marker)
    answer_raw = _plain_ends(text[answer[0].start : end]) if answer else None
    cleaned = clean_answer(answer_raw or "", (answer[0].marker or None) if answer else None, question_clean)
    return Parsed(
        role=QUESTION,
        text=text[question.start : end],
        line_start=question.first,
        line_end=answer[-1].last if answer else question.last,
        char_start=question.start,
        char_end=end,
        ordinal=ordinal,
        question_raw=question_raw,
        answer_raw=answer_raw,
        question=question_clean,
        answer=cleaned.text if answer else None,
        question_key=question_key(question_clean),
        answer_key=answer_key(cleaned.text) if answer else None,
        answer_char_start=answer[0].start if answer else None,
        is_answered=bool(answer),
        is_truncated=bool(cleaned.truncation_kinds),
        truncation_kinds=cleaned.truncation_kinds,
        is_bulleted=cleaned.is_bulleted,
        is_numbered_inline=cleaned.is_numbered_inline,
        has_citation=answer_raw is not None and _has_citation(answer_raw),
        has_question_mark=ends_in_question_mark(question_raw),
        is_glued=cleaned.is_glued,
        has_embedded_question=bool(answer) and answer[0].is_embedded,
    )


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
