"""One document's text to its questions and answers, and everything else that stands on the page.

Read `parse_text` first. A page is read line by line into pieces (a question, a stretch of answer, a heading, a part of
the page); the pieces are then put together into occurrences and leftovers. Every offset counts in the text given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.clean import answer_key, clean_answer, clean_question, question_key
from pipeline.furniture import is_section_title, is_title
from pipeline.layout import Line, Page, asks, asks_as_title, ends_in_question_mark, is_item

QUESTION, ANSWER, ORPHAN, HEADING, FURNITURE = "question", "answer", "orphan_answer", "heading", "furniture"
ENTRY = "entry"  # a question in a table of contents: its answer stands elsewhere
EMPTY = "empty"  # a line that says nothing by itself: an answer marker alone, an invisible character


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
    two. `furniture`: keys of lines that stand on many pages of the same site (see `layout.line_keys`).

    >>> [(o.role, o.question, o.answer) for o in parse_text("FAQ\\n\\nWhat is a cold?\\nA virus.\\nBack to top")]
    [('heading', None, None), ('question', 'What is a cold?', 'A virus.'), ('furniture', None, None)]
    """
    return assemble(text, _Reading(Page(text), furniture).pieces())


# ---------------------------------------------------------------- what questions look like

_QUESTION_END = re.compile(r"[^?]{2,400}\?+[\"”’)*_]*")
_NEXT_QUESTION = re.compile(r"\s*(?=\S)([^\W\d_]+)\s[^.?!]{2,100}\?+[\"”’)*_]*")
_SENTENCE_BREAK = re.compile(r"(?<=[a-z)\]\d][a-z)\]\d%][.!])[\"”’)]*\s+(?=[A-Z“\"(])")
_ASKING_CAPITAL = "How|What|Why|When|Where|Who|Which|Is|Are|Do|Does|Did|Can|Could|Should|Will|Has|Have"
_CAPITAL_GLUED = re.compile(r"[A-Z](?<=[.!…)”\"•].)")  # cheap: most lines have no capital behind a stop
_GLUED_ON = re.compile(rf"(?<=[.\s\w)\]”\"][.!…)”\"•])(?=(?:{_ASKING_CAPITAL})\s[^.?!]{{3,200}}\?)")
_BARE_QUESTION_LABEL = re.compile(r"\W{0,4}(?:Q|Question|FAQ)(?:\s?#?\d{1,4})?\W{0,4}$", re.IGNORECASE)
_BARE_LABEL = re.compile(r"\W{0,4}(?:Q|Question|FAQ(?=\s?#?\d)|A|Ans|Answer)(?:\s?#?\d{1,4})?\W{0,4}$", re.IGNORECASE)
_NEXT_PAIR = re.compile(
    rf"(?<=[.!?…)”\"•])\s*((?:Q\d{{0,3}}[.:)]\s*)?(?:{_ASKING_CAPITAL})\s[^.?!]{{8,200}}\?)[\"”’)*_]*"
)
FEW_LINES = 3  # a page of so few lines, with questions inside them, lost its line breaks
_FINAL = ".:;,!…•"
_SENTENCE_END = ".!…•"
LONG_QUESTION = 200  # characters; the longest question of the development pages has 176
LONG_TITLE = 160
_DEICTIC = re.compile(r"\b(?:this|that|these|those|it|so|but|they)\b", re.IGNORECASE)
_CONTENT = re.compile(r"[^\W_]{4,}")
_COMMON = frozenset("what when where which does should about with have that this your from they know explain".split())


def _restates(title: str, question: str) -> bool:
    """Whether two questions share at least half of the words that carry their subject."""
    a, b = ({w[:6] for w in _CONTENT.findall(t.lower())} - _COMMON for t in (title, question))
    return bool(a and b) and 2 * len(a & b) >= min(len(a), len(b))


# ---------------------------------------------------------------- lines to pieces


class Piece(NamedTuple):
    """A stretch of the document with one role, over lines `first` to `last`. `marker`: length of its marker.

    A marker of None is one of the usual ones, if any.
    """

    role: str
    start: int
    end: int
    first: int
    last: int
    marker: int | None = 0
    is_embedded: bool = False


def _number(line: Line) -> int | None:
    """The number that opens a line, if any."""
    digits = re.search(r"\d{1,6}", line.text[: line.opening]) if line.shape else None
    return int(digits[0]) if digits else None


class _Reading:
    """One walk over the lines of a page, which remembers whether a question is open and has its answer."""

    def __init__(self, page: Page, furniture: Collection[str]) -> None:
        self.page, self.lines, self.text = page, page.lines, page.text
        self.furniture = furniture
        self.found: list[Piece] = []
        self.question: str | None = None  # the open question: what follows answers it
        self.has_answer = False
        self.number = 0  # of the last numbered question
        self.listed = ""  # the bullet of the list of questions we are in, within an answer
        self.is_labelled = False  # the line before was a question marker alone
        self.was_glued = False  # the last question stood on one line with its answer

    def pieces(self) -> list[Piece]:
        index = 0
        while index < len(self.lines):
            index += self._read(index)
        return self.found

    def _read(self, index: int) -> int:
        """Read the line at `index`, and those that belong to it; how many they were."""
        line = self.lines[index]
        if len(line.text) > LONG_QUESTION and "?" not in line.text and not line.shape:
            return self._add(ANSWER, index)
        if not line.text or _BARE_LABEL.match(line.text):
            self.is_labelled = _BARE_QUESTION_LABEL.match(line.text) is not None
            return self._add(EMPTY, index)
        if self.is_labelled:
            self.is_labelled = False
            if "?" not in line.text and len(line.text) < LONG_QUESTION:
                return self._add(QUESTION, index)
        if self._is_furniture(index):
            return self._add(FURNITURE, index)
        if self._is_listed_question(index):
            return self._add(ANSWER, index)
        if index in self.page.contents:
            return self._add(ENTRY, index)
        asked = self._asked(index)
        if asked:
            return asked
        if self._is_title(index):
            return self._add(QUESTION, index)
        if self._is_heading(index):
            return self._add(HEADING, index)
        return self._add_answer(index)

    # -- lines that are no question

    def _is_furniture(self, index: int) -> bool:
        line = self.lines[index]
        if line.shape and (line.shape in self.page.markers or line.shape in self.page.answer_markers):
            return False
        if self.page.parts[index]:
            return True
        if not self.furniture or len(line.text) > 80 or (self.question is not None and not self.has_answer):
            return False  # what stands directly below a question answers it, on however many pages
        return question_key(line.text) in self.furniture

    def _is_listed_question(self, index: int) -> bool:
        """An item of a list of questions within an answer: the first follows a lead-in, the others their siblings."""
        line = self.lines[index]
        if not is_item(line.shape) or not self.has_answer:
            self.listed = ""
            return False
        is_marker = line.shape in self.page.markers
        if self.listed == line.shape and not (is_marker and line.gap):
            return True
        self.listed = ""
        if line.gap or not ends_in_question_mark(line.text):
            return False
        is_first = _number(line) in (None, 1)
        after = self._after(index)
        has_sibling = after is not None and not after.gap and after.shape == line.shape
        follows_lead_in = self.lines[index - 1].text.endswith(":")
        is_list = is_first and has_sibling and follows_lead_in if is_marker else has_sibling or follows_lead_in
        self.listed = line.shape if is_list else ""
        return is_list

    def _after(self, index: int) -> Line | None:
        return self.lines[index + 1] if index + 1 < len(self.lines) else None

    def _is_heading(self, index: int) -> bool:
        """A section title: marked as one, or alone between blank lines where no answer goes on."""
        line, after = self.lines[index], self._after(index)
        if line.shape.startswith("#") and set(line.shape) == {"#"}:
            return True
        if not line.gap or line.text[0].islower() or not (is_section_title(line.text) or is_title(line.text)):
            return False
        if self.question is None or after is None:
            return self.question is None or is_section_title(line.text)
        if not self.has_answer:
            return is_section_title(line.text) and self._starts_question(after)
        before = self.lines[index - 1]
        if before.text[-1] == ":" and not is_section_title(line.text):
            return False
        is_in_list = 0 < line.gap <= before.gap and len(before.text) < 60 and before.text[-1] not in _FINAL
        return not is_in_list and self._starts_question(after)

    def _starts_question(self, line: Line) -> bool:
        return "?" in line.text or line.shape in self.page.markers or asks(line.text) or is_section_title(line.text)

    # -- questions that end in "?"

    def _asked(self, index: int) -> int:
        """Take down the question that starts at `index` and has a "?", with the answer glued to it; lines taken."""
        line = self.lines[index]
        count = self._lines_to_question_mark(index)
        if count == 0:
            return 0
        last = self.lines[index + count - 1]
        raw = self.text[line.start : last.end]
        lead = len(raw) - len(raw.lstrip())
        marker = self.page.marker_length(line)
        cut = self._question_end(raw, lead + marker)
        if cut is None or not any(map(str.isalnum, raw[cut : cut + 20])):
            return self._add(QUESTION, index, count) if self._is_whole_question(index, raw.strip()) else 0
        if not asks(line.text[marker:]) or _SENTENCE_BREAK.search(raw[lead + marker : cut]):
            return 0
        return self._add_glued(index, count, line.start + lead, line.start + cut)

    def _lines_to_question_mark(self, index: int) -> int:
        """Over how many lines the sentence that starts here reaches its "?": 1 to 3; 0 when it does not."""
        line = self.lines[index]
        if "?" in line.text:
            return 1
        body = line.text[line.opening :]
        final = _SENTENCE_END if self.page.is_wrapped else _FINAL
        if len(line.text) > LONG_QUESTION or line.text[-1] in final or not body[:1].isupper() or not asks(body):
            return 0
        for count in (2, 3):
            more = self.lines[index + count - 1] if index + count <= len(self.lines) else None
            if more is None or more.gap or more.shape in self.page.markers or is_item(more.shape):
                return 0
            if self._is_furniture(index + count - 1):
                return 0
            head = more.text.partition("?")[0]
            if _SENTENCE_BREAK.search(head) or (more.text[:1].isupper() and asks(more.text)):
                return 0
            if "?" in more.text:
                return count
            if more.text[-1] in final:
                return 0
        return 0

    def _question_end(self, raw: str, start: int) -> int | None:
        """Where the question that starts at `start` ends in `raw`, with a second one that follows on the line."""
        match = _QUESTION_END.match(raw, start)
        if match is None:
            return None
        end = match.end()
        more = _NEXT_QUESTION.match(raw, end)
        if more and asks(more[0].lstrip()):
            end = more.end()
        return end

    def _is_whole_question(self, index: int, raw: str) -> bool:
        """Whether a line that ends in "?" asks as a whole, and is not the end of prose or glued to an answer."""
        line = self.lines[index]
        if line.shape in self.page.markers:
            return True
        if _CAPITAL_GLUED.search(raw) and _GLUED_ON.search(raw):
            return False
        has_break = _SENTENCE_BREAK.search(raw) is not None
        if self.has_answer and not line.gap and self.page.is_wrapped and (has_break or not asks(line.text)):
            return False
        is_unanswered = self.question is not None and not self.has_answer
        return not has_break or (not is_unanswered and len(raw) < LONG_QUESTION)

    # -- questions without "?"

    def _is_title(self, index: int) -> bool:
        line = self.lines[index]
        body = line.text[self.page.marker_length(line) :]
        if len(body) > LONG_TITLE or "?" in line.text:
            return False
        if line.shape in self.page.markers:
            return self._is_marked_title(index)
        return not (line.shape or self.page.is_marked_throughout) and self._is_interrogative_title(index)

    def _is_marked_title(self, index: int) -> bool:
        """A line without "?" that carries the marker of the page's questions."""
        line = self.lines[index]
        if not is_item(line.shape):
            return line.text[-1] not in ".;," or line.shape[0] == "#" or line.shape[0] in "Qq"
        after = self._after(index)
        if line.text[-1] in _FINAL or (self.question is not None and not self.has_answer):
            return False
        if after is not None and not after.gap and after.shape == line.shape:
            return False
        number = _number(line)
        if number is not None and "9.9" not in line.shape:
            return number == self.number + 1
        return line.gap or self.lines[index - 1].shape != line.shape

    def _is_interrogative_title(self, index: int) -> bool:
        """A short line that opens like a question and has no final stop, unless it titles a list of the answer."""
        line, after = self.lines[index], self._after(index)
        if line.text[-1] in _FINAL or not asks_as_title(line.text):
            return False
        if line.text[0].islower() and not self.page.is_lower_case:
            return False
        if after is not None and not after.gap and after.text[:1].islower() and not self.page.is_lower_case:
            return False
        if self.page.is_wrapped and not line.gap and self.lines[index - 1].text[-1:] not in _FINAL:
            return False
        is_list_title = after is not None and is_item(after.shape)
        return not (is_list_title and self.question is not None and not self.has_answer)

    # -- taking it down

    def _add(self, role: str, index: int, count: int = 1) -> int:
        line, last = self.lines[index], self.lines[index + count - 1]
        if role in (QUESTION, ENTRY):
            raw = self.text[line.start : last.end]
            start = line.start + len(raw) - len(raw.lstrip())
            self._open(start, line.start + len(raw.rstrip()), line, last, role)
            return count
        if role == ANSWER:
            self.has_answer = self.question is not None
        elif role != EMPTY:
            self.question, self.has_answer, self.listed = None, False, ""
        marker = line.opening if line.shape in self.page.answer_markers else 0
        if role == EMPTY:
            marker = len(line.text)
        self.found.append(Piece(role, line.start, last.end, line.number, last.number, marker))
        return count

    def _open(self, start: int, end: int, line: Line, last: Line, role: str = QUESTION) -> None:
        """Take down a question and let what follows answer it."""
        marker = self.page.marker_length(line)
        self.found.append(Piece(role, start, end, line.number, last.number, marker))
        self.question = self.text[start:end] if role == QUESTION else None
        self.has_answer, self.listed = False, ""
        self.number = _number(line) or self.number
        self.was_glued = False

    def _add_glued(self, index: int, count: int, start: int, cut: int) -> int:
        """A question with more text behind it: a pair of its own, the title of the open question again, or prose."""
        line, last = self.lines[index], self.lines[index + count - 1]
        if self.question is not None and not self._is_pair(line, self.text[start:cut], self.question):
            piece = Piece(ANSWER, line.start, last.end, line.number, last.number, is_embedded=not self.has_answer)
            self.found.append(piece)
            self.has_answer = True
            return count
        self._open(start, cut, line, last)
        self._add_rest(cut, last)
        self.was_glued = True
        return count

    def _add_rest(self, start: int, line: Line) -> None:
        """The answer from `start` to the end of a line, and on a page that lost its line breaks the pairs in it."""
        if len(self.lines) <= FEW_LINES:
            for match in _NEXT_PAIR.finditer(self.text, start, line.end):
                self._add_part(ANSWER, start, match.start(), line)
                self._add_part(QUESTION, match.start(1), match.end(), line)
                start = match.end()
        self._add_part(ANSWER, start, line.end, line)

    def _add_part(self, role: str, start: int, end: int, line: Line) -> None:
        """Take down a part of a line, without the white space around it."""
        part = self.text[start:end]
        bare = part.strip()
        if bare:
            start += len(part) - len(part.lstrip())
            self.found.append(Piece(role, start, start + len(bare), line.number, line.number, None))
            if role == QUESTION:
                self.question, self.has_answer = bare, False
            else:
                self.has_answer = self.question is not None

    def _is_pair(self, line: Line, asked: str, question: str) -> bool:
        """Whether a question glued to text is a pair of its own, while another question is open."""
        if line.shape in self.page.markers:
            return True
        if not self.has_answer:
            return (self.page.is_glued or line.gap > 0) and not _restates(asked, question)
        if self.page.is_glued or self.was_glued:
            return True
        if self.page.is_marked_throughout:
            return False
        is_rhetorical = len(asked.split()) < 8 and _DEICTIC.search(asked)
        return not is_rhetorical

    def _add_answer(self, index: int) -> int:
        """A line of answer, and the question glued to its end."""
        line = self.lines[index]
        if "?" not in line.text or not ends_in_question_mark(line.text):
            return self._add(ANSWER, index)
        glued = _GLUED_ON.search(self.text, line.start, line.end)
        if glued is None:
            return self._add(ANSWER, index)
        self.found.append(Piece(ANSWER, line.start, glued.start(), line.number, line.number))
        self._add_part(QUESTION, glued.start(), line.end, line)
        return 1


# ---------------------------------------------------------------- pieces to occurrences

_REFERENCE = re.compile(r"\[\d{1,4}(?:\s?[-–,;]\s?\d{1,4})*\]")
_AUTHOR_YEAR = re.compile(r"\([A-Z][^()\d]{1,60},? (?:19|20)\d\d[a-z]?\)")
_DOI = re.compile(r"\bdoi:?\s?10\.|doi\.org/10\.", re.IGNORECASE)
_SOURCE = re.compile(r"^\s*sources?:", re.IGNORECASE | re.MULTILINE)


def _has_citation(text: str) -> bool:
    """Whether an answer refers to a publication: [1], (Author, year), a DOI, a "Source:" line."""
    if "[" in text and _REFERENCE.search(text):
        return True
    if "(" in text and _AUTHOR_YEAR.search(text):
        return True
    return bool(("10." in text and _DOI.search(text)) or ("ource" in text and _SOURCE.search(text)))


def assemble(text: str, pieces: list[Piece]) -> list[Occurrence]:
    """Occurrences and leftovers from pieces in source order."""
    made: list[Occurrence] = []
    ordinal = index = 0
    while index < len(pieces):
        piece = pieces[index]
        if piece.role in (QUESTION, ENTRY):
            end = _answer_end(pieces, index + 1) if piece.role == QUESTION else index + 1
            made.append(_occurrence(text, ordinal, piece, pieces[index + 1 : end]))
            ordinal += 1
        else:
            role, end = _leftover_role(piece), index + 1
            while end < len(pieces) and _leftover_role(pieces[end]) == role and pieces[end].first == pieces[end - 1].last + 1:
                end += 1
            last = pieces[end - 1]
            made.append(Occurrence(role, text[piece.start : last.end], piece.first, last.last, piece.start, last.end))
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


def _leftover_role(piece: Piece) -> str:
    """The role of a piece that belongs to no question; that of a question itself is no leftover's."""
    return {ANSWER: ORPHAN, EMPTY: FURNITURE}.get(piece.role, piece.role)


def _occurrence(text: str, ordinal: int, question: Piece, answer: list[Piece]) -> Occurrence:
    question_raw = text[question.start : question.end].replace("\r\n", "\n")
    question_clean = clean_question(question_raw, question.marker)
    end = answer[-1] if answer else question
    answer_raw = text[answer[0].start : end.end].replace("\r\n", "\n") if answer else None
    cleaned = clean_answer(answer_raw or "", answer[0].marker or None if answer else None, question_clean)
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
        has_citation=answer_raw is not None and _has_citation(answer_raw),
        has_question_mark=ends_in_question_mark(question_raw),
        is_glued=cleaned.is_glued,
        has_embedded_question=bool(answer) and answer[0].is_embedded,
    )
