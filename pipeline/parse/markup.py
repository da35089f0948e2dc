"""Text whose format says where its questions stand -> the same occurrences and leftovers as any other text.

What the format knows is taken as it is; the lines between are read by `parse_text`. Headings are shown to it in
Markdown, and what it finds is counted back in the text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.parse.classify import ANSWER, FURNITURE, QUESTION, Piece
from pipeline.parse.known import Known, Pair
from pipeline.parse.occurrences import Parsed, assemble, read_page
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.encoding import BLANK
from pipeline.text.keys import answer_key, question_key


def read_structured(text: str, known: Known) -> list[Parsed]:
    r"""The questions and leftovers of a text about which its format says something, in source order.

    >>> found = read_structured("It is free.\nFever\nSee a doctor.", Known(pairs=(Pair(12, 17, 18, 31),)))
    >>> [(o.role, o.text) for o in found]
    [('orphan_answer', 'It is free.'), ('question', 'Fever\nSee a doctor.')]
    """
    found: list[Parsed] = []
    done, line = 0, 1
    parts: list[Pair | tuple[int, int]] = [*known.pairs, *known.furniture]
    for part in sorted(parts, key=_start):
        pieces = _pieces(text, part, line + text.count("\n", done, part[0])) if part[0] >= done else []
        if not pieces:
            continue
        found += _between(text, done, pieces[0].start, line, known.headings)
        found += assemble(text, pieces)
        end = pieces[-1].end
        line += text.count("\n", done, end)
        done = end
    found += _between(text, done, len(text), line, known.headings)
    return _numbered(found)


def _start(part: Pair | tuple[int, int]) -> int:
    return part[0]


def _pieces(text: str, part: Pair | tuple[int, int], line: int) -> list[Piece]:
    """A question with its answer, or a piece of furniture; none where no word stands. `line` is that of its start."""
    start, end = _bare(text, part[0], part[1])
    if start == end:
        return []
    line += text.count("\n", part[0], start)
    last = line + text.count("\n", start, end)
    pieces = [Piece(QUESTION if isinstance(part, Pair) else FURNITURE, start, end, line, last, None)]
    if isinstance(part, Pair) and part.answer_start is not None and part.answer_end is not None:
        first, stop = _bare(text, part.answer_start, part.answer_end)
        if first < stop:
            line = last + text.count("\n", end, first)
            pieces.append(Piece(ANSWER, first, stop, line, line + text.count("\n", first, stop)))
    return pieces


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks around it."""
    part = text[start:end]
    bare = part.strip(BLANK)
    start += len(part) - len(part.lstrip(BLANK))
    return start, start + len(bare)


def _numbered(found: list[Parsed]) -> list[Parsed]:
    """The occurrences with their place among the questions of the document."""
    ordinal = 0
    for index, piece in enumerate(found):
        if piece.role == QUESTION:
            found[index] = piece._replace(ordinal=ordinal)
            ordinal += 1
    return found


# ---------------------------------------------------------------- the text between


def _between(text: str, start: int, end: int, line: int, headings: Sequence[tuple[int, str]]) -> list[Parsed]:
    """What `parse_text` finds from `start` to `end`, placed in the whole text. `line` is that of `start`."""
    part = text[start:end]
    if not part.strip(BLANK):
        return []
    first, last = (bisect_left(headings, (place, "")) for place in (start, end))
    marked, marks = _marked(part, [(place - start, mark) for place, mark in headings[first:last]])
    return [_placed(piece, text, start, line, marks) for piece in read_page(marked)[0]]


def _marked(part: str, headings: Sequence[tuple[int, str]]) -> tuple[str, list[_Mark]]:
    """The text with each heading marked, and where the marks were put."""
    pieces: list[str] = []
    marks: list[_Mark] = []
    done = longer = 0
    for place, mark in headings:
        if (place and part[place - 1] != "\n") or part[place] in BLANK:
            continue
        pieces += [part[done:place], mark]
        marks.append(_Mark(place + longer, longer, len(mark)))
        done = place
        longer += len(mark)
    return "".join([*pieces, part[done:]]), marks


class _Mark(NamedTuple):
    """What was put before a heading: where, how much was put in before it, and its own length."""

    start: int
    before: int
    length: int


def _unmarked(offset: int, marks: list[_Mark]) -> int:
    """A place in a marked text, counted in the text without the marks."""
    index = bisect_right(marks, offset, key=lambda mark: mark.start) - 1
    if index < 0:
        return offset
    mark = marks[index]
    return offset - mark.before - min(mark.length, offset - mark.start)


def _placed(piece: Parsed, text: str, start: int, line: int, marks: list[_Mark]) -> Parsed:
    """What was found in a marked part, as it stands in the whole text."""
    first, last = start + _unmarked(piece.char_start, marks), start + _unmarked(piece.char_end, marks)
    answer_start = piece.answer_char_start
    moved = piece._replace(
        text=text[first:last],
        char_start=first,
        char_end=last,
        line_start=piece.line_start + line - 1,
        line_end=piece.line_end + line - 1,
        answer_char_start=None if answer_start is None else start + _unmarked(answer_start, marks),
    )
    return _reread(moved) if marks and piece.role == QUESTION else moved


def _reread(piece: Parsed) -> Parsed:
    """A moved occurrence with the raw texts of the page, without our marks; cleaned again where there was one."""
    raw, answer_raw = piece.text, None
    if piece.answer_char_start is not None:
        cut = piece.answer_char_start - piece.char_start
        raw, answer_raw = piece.text[:cut].rstrip(), piece.text[cut:].replace("\r\n", "\n")
    question = piece.question or ""
    if question not in " ".join(raw.split()):  # one of our marks is left in it
        question = clean_question(raw)
    raw = raw.replace("\r\n", "\n")
    piece = piece._replace(question_raw=raw, question=question, question_key=question_key(question))
    if answer_raw is None or answer_raw == piece.answer_raw:
        return piece
    cleaned = clean_answer(answer_raw, question=question)
    return piece._replace(answer_raw=answer_raw, answer=cleaned.text, answer_key=answer_key(cleaned.text))
