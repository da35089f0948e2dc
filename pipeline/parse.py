"""One document's text to its questions and answers, and everything else that stands on the page.

Read `parse_text` first. A page is read line by line into pieces (a question, a stretch of answer, a heading, a part of
the page); the pieces are then put together into occurrences and leftovers. Every character offset counts in the text
that was given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.clean import (
    ANSWER_MARKER,
    BULLET,
    answer_key,
    clean_answer,
    clean_question,
    question_key,
)
from pipeline.layout import (
    Line,
    ends_in_question_mark,
    is_furniture,
    is_section_title,
    learn_markers,
    marker_length,
    opening,
    read_lines,
)


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


def parse_text(text: str, *, furniture: Collection[str] = ()) -> list[Occurrence]:
    """The questions of a document with their answers, and its leftovers, in source order.

    Every line that is not blank lies in exactly one of them; a line that ends one pair and starts the next may lie in
    two. `furniture`: keys of lines that stand on many pages of the same site (see `line_keys`).

    >>> [(o.role, o.question, o.answer) for o in parse_text("FAQ\\n\\nWhat is a cold?\\nA virus.\\nBack to top")]
    [('heading', None, None), ('question', 'What is a cold?', 'A virus.'), ('furniture', None, None)]
    """
    lines = read_lines(text)
    pieces = _Reading(text, lines).pieces()
    return _assemble(text, pieces)


# ---------------------------------------------------------------- lines to pieces

QUESTION, ANSWER, ORPHAN, HEADING, FURNITURE, EMPTY = "question", "answer", "orphan_answer", "heading", "furniture", "empty"


class Piece(NamedTuple):
    """A stretch of the document with one role, over lines `first` to `last`. `marker`: length of its marker."""

    role: str
    start: int
    end: int
    first: int
    last: int
    marker: int = 0
    is_embedded: bool = False


_ASKING = frozenset(
    ["how", "what", "why", "when", "where", "who", "which", "whom", "whose", "is", "are", "am", "was", "were", "do", "does", "did", "can", "could", "should", "would", "will", "shall", "may", "might", "must", "has", "have", "had", "am", "isn't", "aren't", "don't", "doesn't", "can't", "won't"]
)
_TITLE_WORDS = frozenset(["how", "what", "why", "when", "where", "who", "which"])
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:['’]t)?")
_QUESTION_PART = re.compile(r"[^?]{3,300}\?+[\"”’)*_]*")
_SENTENCE_BREAK = re.compile(r"(?<=[a-z)\]\d][a-z)\]\d%][.!])[\"”’)]*\s+(?=[A-Z“\"(])")
_GLUED_AT_END = re.compile(r"(?<=[a-z0-9)][.!?:)…”\"a-z])(?=(?:How|What|Why|When|Where|Who|Which|Is|Are|Do|Does|Did|Can|Could|Should|Will|Has|Have)\s[^.?!]{3,200}\?$)")
_NUMBERED = re.compile(r"\(?\d{1,3}[.)]\s")
_FINAL = ".:;,!…•"


class _Reading:
    """One walk over the lines of a page; remembers what the line before it was."""

    def __init__(self, text: str, lines: list[Line]) -> None:
        self.text = text
        self.lines = lines
        self.markers = learn_markers(lines)
        self.found: list[Piece] = []
        self.has_question = False  # a question is open: what follows answers it
        self.has_answer = False
        self.question = ""
        self.is_in_list = False  # within a bulleted list of questions in an answer

    def pieces(self) -> list[Piece]:
        index = 0
        while index < len(self.lines):
            index += self._read(index)
        return self.found

    def _read(self, index: int) -> int:
        """Read the line at `index`, and those that belong to it; how many they were."""
        line = self.lines[index]
        if not line.text or self._is_empty_marker(index):
            return self._add(EMPTY, index)
        if is_furniture(line.text):
            return self._add(FURNITURE, index)
        if self._is_listed_question(index):
            return self._add(ANSWER, index)
        taken = self._question_lines(index)
        if taken:
            return self._add(QUESTION, index, taken)
        cut = self._glued_cut(line)
        if cut:
            return self._add_glued(line, cut)
        if self._is_heading(index):
            return self._add(HEADING, index)
        return self._add_answer(index)

    # -- what a line is

    def _is_empty_marker(self, index: int) -> bool:
        text = self.lines[index].text
        match = ANSWER_MARKER.match(text) if len(text) < 16 else None
        return bool(match) and match is not None and match.end() == len(text)

    def _is_listed_question(self, index: int) -> bool:
        """A bulleted item that asks, within an answer, after a line that ends in ":" or its own siblings."""
        line = self.lines[index]
        is_item = bool(BULLET.match(line.text))
        if not is_item or index == 0:
            self.is_in_list = False
            return False
        if self.is_in_list:
            return True
        before = self.lines[index - 1]
        follows = self.lines[index + 1] if index + 1 < len(self.lines) else None
        self.is_in_list = (
            self.has_answer
            and before.text.endswith(":")
            and not line.is_after_gap
            and ends_in_question_mark(line.text)
            and (follows is None or follows.is_after_gap or bool(BULLET.match(follows.text)) or opening(line.text).shape not in self.markers)
        )
        return self.is_in_list

    def _question_lines(self, index: int) -> int:
        """How many lines the question that starts here takes; 0 when none does."""
        text = self.lines[index].text
        if ends_in_question_mark(text):
            return 1 if self._is_whole_question(index) else 0
        end, shape = opening(text)
        if len(text) < 200 and text[-1] not in _FINAL:
            wrapped = self._wrapped_lines(index, end)
            if wrapped:
                return wrapped
        if shape in self.markers and self._is_marked_title(index, shape):
            return 1
        return 1 if self._is_interrogative_title(index) else 0

    def _is_whole_question(self, index: int) -> bool:
        text = self.lines[index].text
        body = text[marker_length(text, self.markers) :]
        if _GLUED_AT_END.search(body):
            return False
        return not (_SENTENCE_BREAK.search(body) and (self.has_question and not self.has_answer))

    def _wrapped_lines(self, index: int, opening_end: int) -> int:
        text = self.lines[index].text[opening_end:]
        word = _FIRST_WORD.match(text)
        if not word or word[0].lower() not in _ASKING or not word[0][0].isupper():
            return 0
        for more in (1, 2):
            if index + more >= len(self.lines) or self.lines[index + more].is_after_gap:
                return 0
            following = self.lines[index + more].text
            if BULLET.match(following) or len(following) > 200:
                return 0
            first = _FIRST_WORD.match(following)
            if ends_in_question_mark(following) and not (first and first[0][0].isupper() and first[0].lower() in _ASKING):
                return more + 1 if not _SENTENCE_BREAK.search(following) else 0
            if following[-1] in _FINAL or "?" in following:
                return 0
        return 0

    def _is_marked_title(self, index: int, shape: str) -> bool:
        return (shape[-1] not in "-*•–·+" and not shape[-2:].startswith("9")) or shape == "+"

    def _is_interrogative_title(self, index: int) -> bool:
        text = self.lines[index].text
        body = text[marker_length(text, self.markers) :]
        if len(body) > 140 or text[-1] in _FINAL or "?" in body:
            return False
        word = _FIRST_WORD.match(body)
        if not word or word[0].lower() not in _TITLE_WORDS or not body[0].isupper() or len(body.split()) > 14:
            return False
        follows = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if follows is not None and not follows.is_after_gap and follows.text[0].islower():
            return False
        before = self.lines[index - 1] if index else None
        if before is not None and not self.lines[index].is_after_gap and before.text[-1].isalnum() and len(before.text) > 50:
            return False
        is_list_title = follows is not None and bool(BULLET.match(follows.text) or _NUMBERED.match(follows.text))
        return not (is_list_title and self.has_question and not self.has_answer)

    def _glued_cut(self, line: Line) -> int:
        """Where the question ends on a line that goes on with its answer (offset in the document); 0 for none."""
        if "?" not in line.text:
            return 0
        raw = self.text[line.start : line.end]
        lead = len(raw) - len(raw.lstrip())
        match = _QUESTION_PART.match(raw, lead + marker_length(raw[lead:], self.markers))
        if not match or match.end() >= len(raw.rstrip()):
            return 0
        question = match[0]
        word = _FIRST_WORD.match(question)
        if not word or word[0].lower() not in _ASKING or _SENTENCE_BREAK.search(question):
            return 0
        if self.has_question and self.has_answer and not line.is_after_gap:
            return 0
        return line.start + match.end()

    def _is_heading(self, index: int) -> bool:
        line = self.lines[index]
        if line.text[0] == "#" and opening(line.text).shape.strip("#") == "":
            return True
        is_alone = line.is_after_gap
        return is_alone and is_section_title(line.text.lstrip("# "))

    # -- taking it down

    def _add(self, role: str, index: int, count: int = 1) -> int:
        line, last = self.lines[index], self.lines[index + count - 1]
        marker = 0
        start, end = line.start, line.end
        if role == QUESTION:
            raw = self.text[start:end]
            lead = len(raw) - len(raw.lstrip())
            start, end = start + lead, last.start + len(self.text[last.start : last.end].rstrip())
            marker = marker_length(raw[lead:], self.markers)
            self.has_question, self.has_answer, self.question = True, False, line.text
        elif role == ANSWER:
            self.has_answer = self.has_question
        elif role != EMPTY:
            self.has_question = self.has_answer = self.is_in_list = False
        self.found.append(Piece(role, start, end, line.number, last.number, marker))
        return count

    def _add_answer(self, index: int) -> int:
        line = self.lines[index]
        raw = self.text[line.start : line.end]
        glued = _GLUED_AT_END.search(raw.rstrip()) if "?" in raw else None
        if glued is None:
            return self._add(ANSWER, index)
        cut = line.start + glued.start()
        self.found.append(Piece(ANSWER, line.start, cut, line.number, line.number))
        self.found.append(Piece(QUESTION, cut, line.start + len(raw.rstrip()), line.number, line.number))
        self.has_question, self.has_answer, self.question = True, False, raw[glued.start() :]
        return 1

    def _add_glued(self, line: Line, cut: int) -> int:
        if self.has_question and not self.has_answer and not line.is_after_gap:
            self.found.append(Piece(ANSWER, line.start, line.end, line.number, line.number, is_embedded=True))
            self.has_answer = True
            return 1
        raw = self.text[line.start : line.end]
        start = line.start + len(raw) - len(raw.lstrip())
        marker = marker_length(raw.lstrip(), self.markers)
        self.found.append(Piece(QUESTION, start, cut, line.number, line.number, marker))
        tail = self.text[cut : line.end]
        answer_start = cut + len(tail) - len(tail.lstrip())
        self.found.append(Piece(ANSWER, answer_start, line.end, line.number, line.number))
        self.has_question = self.has_answer = True
        self.question = line.text
        return 1


# ---------------------------------------------------------------- pieces to occurrences

_CITATION = re.compile(
    r"\[\d{1,4}(?:\s?[-–,;]\s?\d{1,4})*\]|\([A-Z][^()\d]{1,60},? (?:19|20)\d\d[a-z]?\)|\bdoi:?\s?10\.|doi\.org/10\.|(?:^|\n)\s*Sources?:",
    re.IGNORECASE,
)


def _assemble(text: str, pieces: list[Piece]) -> list[Occurrence]:
    """Occurrences and leftovers from pieces in source order."""
    made: list[Occurrence] = []
    ordinal = 0
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        index += 1
        if piece.role == QUESTION:
            answer: list[Piece] = []
            taken = index
            while taken < len(pieces) and pieces[taken].role in (ANSWER, EMPTY):
                taken += 1
                if pieces[taken - 1].role == ANSWER:
                    answer, index = pieces[index - len(answer) : taken], taken
            made.append(_occurrence(text, ordinal, piece, answer))
            ordinal += 1
            continue
        role = {ANSWER: ORPHAN, EMPTY: FURNITURE}.get(piece.role, piece.role)
        last = made[-1] if made else None
        if last is not None and last.role == role and last.line_end == piece.first - 1:
            made[-1] = Occurrence(role, text[last.char_start : piece.end], last.line_start, piece.last, last.char_start, piece.end)
        else:
            made.append(Occurrence(role, text[piece.start : piece.end], piece.first, piece.last, piece.start, piece.end))
    return made


def _occurrence(text: str, ordinal: int, question: Piece, answer: list[Piece]) -> Occurrence:
    question_raw = text[question.start : question.end].replace("\r\n", "\n")
    question_clean = clean_question(question_raw, question.marker)
    end = answer[-1] if answer else question
    answer_raw = text[answer[0].start : end.end].replace("\r\n", "\n") if answer else None
    cleaned = clean_answer(answer_raw or "", question=question_clean)
    return Occurrence(
        role=QUESTION,
        text=text[question.start : end.end],
        line_start=question.first,
        line_end=end.last,
        char_start=question.start,
        char_end=end.end,
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
        has_citation=bool(answer_raw and _CITATION.search(answer_raw)),
        has_question_mark=ends_in_question_mark(question_raw),
        is_glued=cleaned.is_glued,
        has_embedded_question=bool(answer) and answer[0].is_embedded,
    )
