"""Parses a text whose format says where questions, answers and headings are.

Pairs that the format names are taken as they are; the text between them is parsed like any other. Headings are written
as Markdown for that, and offsets are converted back afterwards.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from pipeline.parse.classify import ANSWER, BREAK, FURNITURE, QUESTION, Segment
from pipeline.parse.known import Known, Pair
from pipeline.parse.occurrences import Occurrence, assemble, read_page
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.encoding import BLANK
from pipeline.text.keys import answer_key, question_key


def read_structured(text: str, known: Known) -> list[Occurrence]:
    r"""The occurrences and leftovers of a text whose format says `known`, in source order.

    >>> found = read_structured("It is free.\nFever\nSee a doctor.", Known(pairs=(Pair(12, 17, 18, 31),)))
    >>> [(o.role, o.text) for o in found]
    [('orphan_answer', 'It is free.'), ('question', 'Fever\nSee a doctor.')]
    """
    found: list[Occurrence] = []
    done, line = 0, 1
    parts: list[Pair | tuple[int, int]] = [*known.pairs, *known.furniture]
    for part in sorted(parts, key=_start):
        line_of_part = line + text.count("\n", done, part[0])
        segments = _segments(text, part, line_of_part, known.markup) if part[0] >= done else []
        if not segments:
            continue
        found += _between(text, done, segments[0].start, line, known)
        found += assemble(text, segments)
        end = segments[-1].end
        line += text.count("\n", done, end)
        done = end
    found += _between(text, done, len(text), line, known)
    return _numbered(_without_scraps(found))


def _start(part: Pair | tuple[int, int]) -> int:
    return part[0]


def _segments(text: str, part: Pair | tuple[int, int], line: int, markup: Sequence[tuple[int, int]]) -> list[Segment]:
    """The segments of a pair or of furniture; none if it is blank. `line`: of its start."""
    start, end = _bare(text, part[0], part[1])
    if start == end:
        return []
    line += text.count("\n", part[0], start)
    last = line + text.count("\n", start, end)
    segments = [Segment(QUESTION if isinstance(part, Pair) else FURNITURE, start, end, line, last, None)]
    if isinstance(part, Pair) and part.answer_start is not None and part.answer_end is not None:
        first, stop = _bare(text, part.answer_start, part.answer_end)
        if first < stop:
            line = last + text.count("\n", end, first)
            segments += _answer(text, first, stop, line, markup)
    return segments


def _answer(text: str, start: int, end: int, line: int, markup: Sequence[tuple[int, int]]) -> list[Segment]:
    """The segments of an answer: its text, without the lines of mark-up in it. `line`: of its start."""
    spans = [_bare(text, *span) for span in markup[bisect_left(markup, (start, 0)) : bisect_left(markup, (end, 0))]]
    spans = [span for span in spans if start <= span[0] and span[1] < end]
    cuts = [start, *(offset for span in spans for offset in span), end]
    segments: list[Segment] = []
    done = start
    for number, (first, stop) in enumerate(pairwise(cuts)):
        first, stop = _bare(text, first, stop)
        line += text.count("\n", done, first)
        last = line + text.count("\n", first, stop)
        if first < stop:
            segments.append(Segment(BREAK if number % 2 else ANSWER, first, stop, line, last))
        line, done = last, stop
    return segments


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks around it."""
    part = text[start:end]
    bare = part.strip(BLANK)
    start += len(part) - len(part.lstrip(BLANK))
    return start, start + len(bare)


def _without_scraps(found: list[Occurrence]) -> list[Occurrence]:
    """The rows without the mark-up before and after a pair on its own lines: "| ", "<details><summary>"."""
    owned = {line for row in found if row.role == QUESTION for line in (row.line_start, row.line_end)}
    if not owned:
        return found
    return [
        row
        for row in found
        if row.role == QUESTION
        or row.line_start not in owned
        or row.line_end not in owned
        or row.line_end > row.line_start + 1
        or _WORDS_OF_TEXT.search(_MARKUP.sub(" ", row.text)) is not None
    ]


# A line of a Markdown file without words of its text: tags, the fences of boxes, shortcodes, attributes, imports.
MARKUP_LINE = re.compile(
    r"^[ \t]*(?:(?:</?[A-Za-z][\w.:-]*(?:\s[^<>\n]*)?>[ \t]*)+"
    r"|:{3,}[ \t]*(?:[\w-]+[ \t]*)?(?:\{[^{}\n]*\})?|(?:!!!|\?\?\?\+?)[ \t]+\w[\w-]*|>[ \t]?\[![\w-]+\][-+]?"
    r"|(?:\{[{%][^{}\n]*[%}]\}[ \t]*)+|\{:[^{}\n]*\}|\[?\[_?(?i:toc)_?\]\]?"
    r"|import[ \t](?:[^\n\"']*[ \t]from[ \t]+)?[\"'][^\n\"']*[\"'];?"
    r"|export[ \t]+(?:default|const|let|var|function)[ \t][^\n]*)[ \t]*\r?$",
    re.MULTILINE,
)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>?|\{\{[^{}]*\}?\}?|:{3,}\s*\w*|\[![^\]]*\]?|(?:\?\?\?\+?|!!!)\s+\w+|\w+=[\"']?$")
_WORDS_OF_TEXT = re.compile(r"[^\W_]")


def _numbered(found: list[Occurrence]) -> list[Occurrence]:
    """The rows, with questions numbered through the whole document."""
    ordinal = 0
    for index, row in enumerate(found):
        if row.role == QUESTION:
            if row.ordinal != ordinal:
                found[index] = replace(row, ordinal=ordinal)
            ordinal += 1
    return found


# ---------------------------------------------------------------- the text between


def _between(text: str, start: int, end: int, line: int, known: Known) -> list[Occurrence]:
    """What `parse_text` finds from `start` to `end`, with offsets in the whole text. `line`: of `start`."""
    part = text[start:end]
    if not part.strip(BLANK):
        return []
    headings = known.headings
    first, last = (bisect_left(headings, (offset, "")) for offset in (start, end))
    marked, marks = _marked(part, [(offset - start, mark) for offset, mark in headings[first:last]])

    def within(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        first, last = (bisect_left(spans, (offset, 0)) for offset in (start, end))
        return [(_in_marked(a - start, marks), _in_marked(b - start, marks)) for a, b in spans[first:last]]

    found, _ = read_page(
        marked,
        is_article=known.is_article,
        has_marked_headings=bool(headings),
        tables=within(known.tables),
        markup=within(known.markup),
    )
    return [_moved(row, text, start, line, marks) for row in found]


def _marked(part: str, headings: Sequence[tuple[int, str]]) -> tuple[str, list[_Mark]]:
    """The text with each heading marked, and where the marks are."""
    pieces: list[str] = []
    marks: list[_Mark] = []
    done = longer = 0
    for offset, mark in headings:
        if (offset and part[offset - 1] != "\n") or part[offset] in BLANK:
            continue
        pieces += [part[done:offset], mark]
        marks.append(_Mark(offset + longer, longer, len(mark)))
        done = offset
        longer += len(mark)
    return "".join([*pieces, part[done:]]), marks


class _Mark(NamedTuple):
    """A mark inserted before a heading: its offset, the characters inserted before it, and its own length."""

    start: int
    before: int
    length: int


def _in_marked(offset: int, marks: list[_Mark]) -> int:
    """An offset in a text, converted to the text with marks."""
    return offset + sum(mark.length for mark in marks if mark.start - mark.before <= offset)


def _unmarked(offset: int, marks: list[_Mark]) -> int:
    """An offset in a marked text, converted to the text without the marks."""
    index = bisect_right(marks, offset, key=lambda mark: mark.start) - 1
    if index < 0:
        return offset
    mark = marks[index]
    return offset - mark.before - min(mark.length, offset - mark.start)


def _moved(row: Occurrence, text: str, start: int, line: int, marks: list[_Mark]) -> Occurrence:
    """A row of a marked part, with offsets and lines in the whole text."""
    first, last = start + _unmarked(row.char_start, marks), start + _unmarked(row.char_end, marks)
    answer_start = row.answer_char_start
    moved = replace(
        row,
        text=text[first:last],
        char_start=first,
        char_end=last,
        line_start=row.line_start + line - 1,
        line_end=row.line_end + line - 1,
        answer_char_start=None if answer_start is None else start + _unmarked(answer_start, marks),
    )
    return _without_marks(moved) if marks and row.role == QUESTION else moved


def _without_marks(row: Occurrence) -> Occurrence:
    """A moved occurrence with the raw texts of the page, without our marks; cleaned again if it had one."""
    raw, answer_raw = row.text, None
    if row.answer_char_start is not None:
        cut = row.answer_char_start - row.char_start
        raw, answer_raw = row.text[:cut].rstrip(), row.text[cut:].replace("\r\n", "\n")
        raw = "\n".join(raw.split("\n")[: (row.question_raw or "").count("\n") + 1]).rstrip()  # no sign that opens it
    question = row.question or ""
    if question not in " ".join(raw.split()):  # one of our marks is left in it
        question = clean_question(raw)
    raw = raw.replace("\r\n", "\n")
    row = replace(row, question_raw=raw, question=question, question_key=question_key(question))
    if answer_raw is None or answer_raw == row.answer_raw:
        return row
    cleaned = clean_answer(answer_raw, question=question)
    return replace(row, answer_raw=answer_raw, answer=cleaned.text, answer_key=answer_key(cleaned.text))
