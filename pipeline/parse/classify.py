"""Divides a page into segments with one role: a question, a part of an answer, a heading, furniture.

The role of a line depends on the lines above it (is a question open, has it an answer?), on the line below it, and on
the habits of the page. The rules are those of the annotation guidelines, section 2; the numbers in comments are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from pipeline.limits import LONG_TITLE, SHORT_PART
from pipeline.parse.furniture import is_content, is_section_title, is_title, is_toggle
from pipeline.parse.markers import (
    answer_label_length,
    is_bare_label,
    is_bare_question_label,
    is_bullet,
    is_item,
    names_answer,
    names_question,
)
from pipeline.parse.page import MOST_LABELLED, Line, Page
from pipeline.parse.questions import asks, asks_as_title, ends_in_question_mark, restates
from pipeline.text.characters import restore_characters
from pipeline.text.keys import question_key

QUESTION, ANSWER, HEADING, FURNITURE = "question", "answer", "heading", "furniture"
ENTRY = "entry"  # a question in a table of contents: its answer is elsewhere
BREAK = "break"  # within an answer: the foot and head of printed pages, mark-up without words
EMPTY = "empty"  # a line that says nothing by itself: a marker alone, an invisible character


class Segment(NamedTuple):
    """A span of the document with one role, on lines `first` to `last`.

    `marker`: the length of its marker after its characters are restored; None: one of the usual markers, if any.
    """

    role: str
    start: int
    end: int
    first: int
    last: int
    marker: int | None = 0
    is_embedded: bool = False


def read_segments(page: Page, furniture: Collection[str] = ()) -> list[Segment]:
    """The segments of a page in order. Every line is in one; a line that ends a pair and starts the next is in two.

    `furniture`: keys of lines that many pages of the same site repeat.
    """
    reader = _PageReader(page, furniture)
    index = 0
    while index < len(page.lines):
        index += reader.read(index)
    return reader.found


MOST_WRAPPED = 3  # lines of a question below its first
LONGEST_LABELLED = 1_200  # characters of a question with an answer's label on the same line
LONG_QUESTION = 200  # characters; 150 to 300 alike on the development pages
FEW_LINES = 3  # a page of so few lines, with questions inside them, lost its line breaks
SHORT_ITEM = 60  # characters; a list item between blank lines is a few words; 40 to 100 alike
MOST_BOLD = 2  # lines from a word on a line of its own to the line with which its sentence goes on
LONG_CUT = 6  # words of a line without a stop that a path or address below it completes
SHORT_RHETORIC = 8  # words; "So what does this mean for you?" has seven; 5 to 12 alike on the development pages

_FINAL = frozenset(".:;,!…•")  # final punctuation, rule 2.2
_STOP = frozenset(".!…•")
_SENTENCE_ENDS = frozenset('.!?…"”)')
_SENTENCE_BREAK = re.compile(r"(?<=[a-z)\]\d][a-z)\]\d%][.!])[\"”’)]*\s+(?=[A-Z“\"(])")
_QUESTION = re.compile(r"[^?]{2,400}\?+[\"”’)*_]*")
_SECOND_QUESTION = re.compile(r"\s*([^\W\d_]+\s[^.?!]{2,100}\?+[\"”’)*_]*)")
# The same question in another language: "How ...? / Wie ...?"
_OTHER_LANGUAGE = re.compile(r"\s*[/|]\s*[^?/|]{2,200}\?+[\"”’)*_]*(?=\s*$)")
_ANSWER_ON_LINE = re.compile(r"(?<=[?.!…])\s+(?=(?:A|Ans|Answer|ANSWER)\s?\d{0,4}\s?[:.)\]]+\s)")
_LEADER = re.compile(r"\s*(?:[.…·_]\s?){2,}\s*\d{1,4}\s*")  # of a table of contents, with the number of a page
_OPENERS = "How|What|Why|When|Where|Who|Which|Is|Are|Do|Does|Did|Can|Could|Should|Will|Has|Have"
_CAPITAL_BEHIND_STOP = re.compile(r"[A-Z](?<=[.!…)”\"•].)")  # cheap: most lines have none
_GLUED_ON = re.compile(rf"(?<=[.\s\w)\]”\"][.!…)”\"•])(?=(?:{_OPENERS})\s[^.?!]{{3,200}}\?)")
_NEXT_PAIR = re.compile(rf"(?<=[.!?…)”\"•])\s*((?:Q\d{{0,3}}[.:)]\s*)?(?:{_OPENERS})\s[^.?!]{{8,200}}\?)[\"”’)*_]*")
_POINTS_BACK = re.compile(r"\b(?:this|that|these|those|it|so|but|they)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}")


def _number(line: Line) -> int | None:
    """The number that opens a line, if any."""
    digits = _NUMBER.search(line.text, 0, line.opening) if line.opening else None
    return int(digits[0]) if digits else None


def _has_break(text: str) -> bool:
    """Whether a sentence ends within a text and another begins."""
    return ("." in text or "!" in text) and _SENTENCE_BREAK.search(text) is not None


class _PageReader:
    """Reads the lines of a page in order, and remembers whether a question is open and has an answer."""

    def __init__(self, page: Page, furniture: Collection[str]) -> None:
        self.page, self.lines, self.text = page, page.lines, page.text
        self.furniture = furniture
        self.found: list[Segment] = []
        self.question: str | None = None  # the open question: what follows answers it
        self.has_answer = False
        self.number = 0  # of the last numbered question
        self.listed = ""  # the bullet of the open list of questions inside an answer
        self.is_labelled = False  # the line before was a question marker alone
        self.was_glued = False  # the last question was on one line with its answer

    def read(self, index: int) -> int:
        """Read the line at `index` and the lines that belong to it; returns how many lines."""
        line = self.lines[index]
        if index in self.page.code:
            return self._add(ANSWER, index)
        if index in self.page.breaks:  # the answer may go on below it
            return self._add(FURNITURE if self.question is None else BREAK, index)
        has_mark = "?" in line.text
        if not has_mark and not line.shape and len(line.text) > LONG_QUESTION:
            return self._add(ANSWER, index)
        if self.page.titles and (is_question := self.page.titles.get(index)) is not None:
            if not is_question:
                return self._add(HEADING, index)
            return (self._add_question(index) if has_mark else 0) or self._add(QUESTION, index)
        if not line.text or is_bare_label(line.text):
            self.is_labelled = is_bare_question_label(line.text)
            return self._add(EMPTY, index)
        if self.is_labelled or (
            line.shape in self.page.markers and (line.shape in self.page.labels or names_question(line.shape))
        ):
            count = self._add_to_answer_label(index)
            if count:
                self.is_labelled = False
                return count
        if self.is_labelled:
            self.is_labelled = False
            if not has_mark and len(line.text) < LONG_QUESTION:
                return self._add(QUESTION, index)
        if self._is_unanswered and self.lines[index - 1].number < line.number and is_toggle(line.text):
            return self._add(ANSWER if self._is_in_sentence(index) else EMPTY, index)
        if line.is_box and not (line.shape and line.shape in self.page.markers):
            return self._add(HEADING, index)
        if self._is_furniture(index):
            is_answer = self._is_answer_despite_shape(index) or self._is_in_sentence(index)
            return self._add(ANSWER if is_answer else FURNITURE, index)
        if self._is_listed_question(index):
            return self._add(ANSWER, index)
        if self.question is not None and self.page.has_form and self._is_foreign_item(line):
            return self._add(ANSWER, index)
        if has_mark and self._is_within_labels(index):
            return self._add(ANSWER, index)
        if (
            self._is_unanswered
            and self.page.has_headings
            and has_mark
            and not line.shape
            and index not in self.page.contents
        ):
            return self._add(ANSWER, index)
        if index in self.page.contents:
            return self._add(ENTRY if self._is_entry(line) else HEADING, index)
        count = self._add_question(index) if has_mark or line.opens_asking or self._runs_on(index) else 0
        return count or self._add(self._role_of_statement(index), index)

    def _is_within_labels(self, index: int) -> bool:
        """Whether a line without a question's label is in an answer of a page that labels divide."""
        if not self.has_answer or not self.page.has_labels or index in self.page.contents:
            return False
        return self.lines[index].shape not in self.page.markers

    def _is_foreign_item(self, line: Line) -> bool:
        """Whether a line is an item of a list that does not have the form of the page's questions."""
        return "?" in line.text and line.gap < 2 and is_item(line.shape) and line.shape not in self.page.markers

    def _is_entry(self, line: Line) -> bool:
        """Whether a line of a table of contents is a question; the title of a section is none."""
        return "?" in line.text or line.opens_asking or line.shape in self.page.markers or line.is_asking

    def _role_of_statement(self, index: int) -> str:
        """The role of a line that does not ask with a "?"."""
        if self._is_title(index):
            return QUESTION
        return HEADING if self._is_heading(index) else ANSWER

    def _below(self, index: int) -> Line | None:
        return self.lines[index + 1] if index + 1 < len(self.lines) else None

    @property
    def _is_unanswered(self) -> bool:
        return self.question is not None and not self.has_answer

    # ---------------------------------------------------------------- lines that are no question

    def _is_furniture(self, index: int) -> bool:
        """Furniture (2.5 e); but the line directly below a question answers it, on however many pages it is."""
        if not self.page.parts[index] and not self.furniture:
            return False
        line = self.lines[index]
        if line.shape and (line.shape in self.page.markers or line.shape in self.page.answer_markers):
            return False
        if self.page.parts[index]:
            return True
        if len(line.text) > SHORT_PART or self._is_unanswered:
            return False
        return question_key(line.text) in self.furniture

    def _is_answer_despite_shape(self, index: int) -> bool:
        """Whether a line with the shape of furniture is part of an answer: more follows, or it is the only line."""
        if self.question is None or not self.page.parts[index] or not is_content(self.lines[index].text):
            return False
        if not self.has_answer:
            return any(map(str.isalnum, self.lines[index].text))
        above = self.lines[index - 1].text
        if above[-1:] in ":," and "@" in self.lines[index].text:  # pages of links have web addresses there
            return True
        below = index + 1
        while below < len(self.lines) and self.page.parts[below] and is_content(self.lines[below].text):
            below += 1
        if below == len(self.lines) or self.page.parts[below]:
            return False
        line = self.lines[below]
        is_cut = above[-1:].isalnum() and len(above.split()) >= LONG_CUT and " " in line.text
        is_new = line.is_asking or line.is_glued or line.shape in self.page.markers or below in self.page.contents
        is_heading = self._is_heading(below) or is_section_title(line.text) or (line.gap > 0 and is_title(line.text))
        return not is_new and (is_cut or not is_heading)

    def _is_in_sentence(self, index: int) -> bool:
        """Whether a short line is in a sentence of an answer whose bold words have lines of their own: "Click"."""
        if self.question is None or self.page.is_lower_case or (self.has_answer and self.lines[index].gap):
            return False
        for near in range(index + 1, min(index + 1 + MOST_BOLD, len(self.lines))):
            line = self.lines[near]
            if line.gap or line.is_asking:
                return False
            if line.text[0].islower() and (" " in line.text or not self.page.parts[near]):
                return not is_item(line.shape)
            if line.text[-1] in _FINAL:
                return False
        return False

    def _is_listed_question(self, index: int) -> bool:
        """An item of a list of questions in an answer (2.5 a): the first follows a lead-in, the others each other."""
        line = self.lines[index]
        was_listed, self.listed = self.listed, ""
        if not self.has_answer or not is_item(line.shape):
            return False
        is_marker = line.shape in self.page.markers
        if was_listed != line.shape or (is_marker and line.gap):
            below = self._below(index)
            has_sibling = below is not None and not below.gap and below.shape == line.shape
            has_lead_in = self.lines[index - 1].text.endswith(":")
            if line.gap or not ends_in_question_mark(line.text) or not (has_sibling or has_lead_in):
                return False
            if is_marker and not (has_sibling and has_lead_in and _number(line) in (None, 1)):
                return False
        self.listed = line.shape
        return True

    def _is_heading(self, index: int) -> bool:
        """A section title: marked as one, or alone after a gap where no answer goes on."""
        line = self.lines[index]
        if line.shape and not line.shape.strip("#"):
            return True
        if not line.gap or (self.question is None and is_item(line.shape)):  # an item above all questions is an orphan
            return False
        title, below = line.text.rstrip(":") if self.question is None else line.text, self._below(index)
        if not title or not is_title(title):
            return False
        is_section = is_section_title(title)
        if self.question is None or below is None:
            return self.question is None or is_section
        if not self._can_follow_heading(below):
            return False
        return self._is_answer_over(index, is_section) if self.has_answer else is_section

    def _can_follow_heading(self, line: Line) -> bool:
        return "?" in line.text or line.shape in self.page.markers or asks(line.text) or is_section_title(line.text)

    def _is_answer_over(self, index: int, is_section: bool) -> bool:
        """Whether the answer above a title is over: no list goes on, and for an unusual title there was a stop."""
        line, above = self.lines[index], self.lines[index - 1]
        is_in_list = line.gap <= above.gap and len(above.text) < SHORT_ITEM and above.text[-1:] not in _FINAL
        return not is_in_list and (is_section or is_item(above.shape) or above.text[-1:] in _SENTENCE_ENDS)

    # ---------------------------------------------------------------- questions that end in "?"

    def _add_question(self, index: int) -> int:
        """Add the question with a "?" that starts at `index`, and the answer glued to it; returns how many lines."""
        line = self.lines[index]
        count = 1 if "?" in line.text else self._lines_to_question_mark(index)
        if not count:
            return self._add_glued_on(index)
        last = self.lines[index + count - 1]
        raw = self.text[line.start : last.end]
        marker = self.page.marker_length(line)
        is_end = raw.find("?", marker) == len(raw) - 1  # most: nothing follows, and no question need be cut out
        lead = 0 if is_end else len(raw) - len(raw.lstrip())
        cut = None if is_end else _question_end(raw, lead + marker)
        if cut is not None and _LEADER.fullmatch(raw, cut):
            return self._add_with_toggle(index, count, line.start + lead, line.start + cut, ENTRY)
        if cut is not None and is_toggle(raw[cut:].strip()) and any(map(str.isalnum, raw[cut:])):
            return self._add_with_toggle(index, count, line.start + lead, line.start + cut)
        if cut is None or not any(map(str.isalnum, raw[cut : cut + 20])):
            is_whole = count > 1 or self._is_whole_question(index)
            return self._add(QUESTION, index, count) if is_whole else self._add_glued_on(index)
        if not asks(line.text[marker:]) or _SENTENCE_BREAK.search(raw, lead + marker, cut):
            return self._add_glued_on(index)
        return self._add_glued(index, count, line.start + lead, line.start + cut)

    def _add_to_answer_label(self, index: int) -> int:
        """Add the question that runs from its label to the label of its answer, over however many sentences.

        Returns how many lines; 0 where there is no label of an answer, and where the question needs none to end,
        because it is one sentence on one line.
        """
        line = self.lines[index]
        label = _ANSWER_ON_LINE.search(self.text, line.start, min(line.end, line.start + LONGEST_LABELLED))
        if label is not None:
            self._open(QUESTION, line.start, label.start(), line, line)
            self._add_rest(label.end(), line)
            self.was_glued = True
            return 1
        for count, more in enumerate(self.lines[index + 1 : index + 1 + MOST_LABELLED], 1):
            if is_bare_label(more.text):
                is_answer = not is_bare_question_label(more.text)
            elif more.shape in self.page.answer_markers and (
                more.shape in self.page.labels or names_answer(more.shape)
            ):
                is_answer = True
            elif (
                more.shape in self.page.markers or index + count in self.page.contents or self.page.parts[index + count]
            ):
                return 0
            else:
                continue
            rest = line.text.rpartition("?")[2] if count == 1 else line.text
            is_one_sentence = not any(map(str.isalnum, rest)) or is_toggle(rest.strip())
            return self._add(QUESTION, index, count) if is_answer and not is_one_sentence else 0
        return 0

    def _lines_to_question_mark(self, index: int) -> int:
        """Over how many lines the sentence that starts here reaches a "?" below (2.2): 2 or 3; 0 when it does not."""
        line = self.lines[index]
        final = _STOP if self.page.is_wrapped else _FINAL
        hanging = self._hanging_question_lines(index)
        if hanging or not line.opens_asking:
            return hanging or (self._wrapped_question_lines(index) if line.gap and not line.shape else 0)
        if len(line.text) > LONG_QUESTION or line.text[-1] in final:
            return 0
        for count, more in enumerate(self.lines[index + 1 : index + 3], 2):
            if more.gap or not more.text or more.shape in self.page.markers or is_item(more.shape):
                return 0
            if self._is_furniture(index + count - 1) or (more.text[0].isupper() and asks(more.text)):
                return 0
            if _has_break(more.text.partition("?")[0]):
                return 0
            if "?" in more.text:
                return count
            if more.text[-1] in final:
                return 0
        return 0

    def _hanging_question_lines(self, index: int) -> int:
        """Over how many lines a question with a marker runs whose next lines are indented below its words; or 0."""
        line = self.lines[index]
        if not self.page.asks_with(line.shape) or len(line.text) > LONG_QUESTION:
            return 0
        indent = self._indent(line)
        for count, more in enumerate(self.lines[index + 1 : index + 1 + MOST_WRAPPED], 2):
            if more.gap or not more.text or more.shape or self._indent(more) < indent + 2:
                return 0
            if ends_in_question_mark(more.text):
                below = self._below(index + count - 1)
                return count if not is_bullet(line.shape) or below is None or below.gap else 0
        return 0

    def _indent(self, line: Line) -> int:
        raw = self.text[line.start : line.start + 80]
        return len(raw) - len(raw.lstrip(" \t"))

    def _runs_on(self, index: int) -> bool:
        """Whether a paragraph that opens here, in any language, runs over line ends and ends in "?" as a whole."""
        line = self.lines[index]
        if line.shape and self.page.asks_with(line.shape):
            return self._hanging_question_lines(index) > 0
        if line.shape or not line.gap or index + 1 == len(self.lines):
            return False
        below = self.lines[index + 1]
        if below.gap or not below.text[:1].islower() or len(line.text) > LONG_QUESTION or not line.text[0].isupper():
            return False
        return self._wrapped_question_lines(index) > 0

    def _wrapped_question_lines(self, index: int) -> int:
        """Over how many lines one sentence runs up to its "?", each line but the first opening with a small letter."""
        if self.page.is_lower_case or self.lines[index].text[-1] in _STOP or self.lines[index].text[-1] == ":":
            return 0
        for count, more in enumerate(self.lines[index + 1 : index + 1 + MOST_WRAPPED], 2):
            if more.gap or more.shape or not more.text[:1].islower() or _has_break(more.text):
                return 0
            if ends_in_question_mark(more.text):
                return count
            if "?" in more.text or more.text[-1] in _STOP:
                return 0
        return 0

    def _is_whole_question(self, index: int) -> bool:
        """Whether a line that ends in "?" asks as a whole (2.1), and does not end prose or is glued to it (2.5 b)."""
        line = self.lines[index]
        if line.shape and line.shape in self.page.markers:
            return True
        if _CAPITAL_BEHIND_STOP.search(line.text) and _GLUED_ON.search(line.text):
            return False
        has_break = _has_break(line.text)
        if self.has_answer and not line.gap and self.page.is_wrapped and (has_break or not asks(line.text)):
            return False
        return not has_break or (not self._is_unanswered and len(line.text) < LONG_QUESTION)

    def _is_pair(self, line: Line, glued: str, question: str) -> bool:
        """Whether a question glued to text is a pair (2.3), while another question is open (2.5 c)."""
        if line.shape in self.page.markers:
            return True
        if not self.has_answer:
            return (self.page.is_glued or line.gap > 0) and not restates(glued, question)
        if self.page.is_glued or self.was_glued:
            return True
        is_rhetorical = len(glued.split()) < SHORT_RHETORIC and _POINTS_BACK.search(glued)
        return not self.page.is_marked_throughout and not is_rhetorical

    # ---------------------------------------------------------------- questions without "?"

    def _is_title(self, index: int) -> bool:
        line = self.lines[index]
        if len(line.text) > LONG_TITLE or "?" in line.text:
            return False
        if line.shape in self.page.markers:
            return self._is_marked_title(index)
        return not line.shape and not self.page.is_marked_throughout and self._is_interrogative_title(index)

    def _is_marked_title(self, index: int) -> bool:
        """A line without "?" that carries the marker of the page's questions (rule 2.3), and is no item of a list."""
        line, below = self.lines[index], self._below(index)
        if not is_item(line.shape):
            return line.text[-1] not in ".;," or line.shape[0] in "#Qq"
        if line.text[-1] in _FINAL or self._is_unanswered:
            return False
        if below is not None and not below.gap and below.shape == line.shape:
            return False
        number = _number(line)
        if number is not None and "9.9" not in line.shape:
            return number == self.number + 1
        return line.gap > 0 or self.lines[index - 1].shape != line.shape

    def _is_interrogative_title(self, index: int) -> bool:
        """A short line that opens like a question and has no stop (rule 2.2), unless it titles a list (2.5 d)."""
        line, below = self.lines[index], self._below(index)
        if line.text[-1] in _FINAL or not asks_as_title(line.text):
            return False
        if not self.page.is_lower_case:
            runs_on = below is not None and not below.gap and below.text[:1].islower()
            if line.text[0].islower() or runs_on:
                return False
        if self.page.is_wrapped and not line.gap and self.lines[index - 1].text[-1:] not in _FINAL:
            return False
        is_list_title = below is not None and is_item(below.shape)
        return not (is_list_title and self._is_unanswered)

    # ---------------------------------------------------------------- adding segments

    def _add(self, role: str, index: int, count: int = 1) -> int:
        """Add whole lines; returns how many."""
        line = last = self.lines[index]
        if count > 1:
            last = self.lines[index + count - 1]
        if role in (QUESTION, ENTRY):
            raw = self.text[line.start : last.end]
            start = line.start + len(raw) - len(raw.lstrip())
            self._open(role, start, line.start + len(raw.rstrip()), line, last)
            return count
        marker = len(line.text) if role == EMPTY else 0
        if role == ANSWER:
            self.has_answer = self.question is not None
            marker = line.opening if line.shape in self.page.answer_markers else 0
        elif role not in (EMPTY, BREAK):
            self.question, self.has_answer, self.listed = None, False, ""
        self.found.append(Segment(role, line.start, last.end, line.number, last.number, marker))
        return count

    def _open(self, role: str, start: int, end: int, line: Line, last: Line) -> None:
        """Add a question, which the text below answers; the text below an entry of contents answers nothing."""
        self.found.append(Segment(role, start, end, line.number, last.number, self.page.marker_length(line)))
        self.question = self.text[start:end] if role == QUESTION else None
        self.has_answer, self.listed, self.was_glued = False, "", False
        self.number = _number(line) or self.number

    def _add_glued(self, index: int, count: int, start: int, cut: int) -> int:
        """Add a question with text after it: a pair, the title of the open question again, or prose."""
        line, last = self.lines[index], self.lines[index + count - 1]
        if self.question is not None and not self._is_pair(line, self.text[start:cut], self.question):
            is_embedded = self._is_unanswered
            self.found.append(Segment(ANSWER, line.start, last.end, line.number, last.number, 0, is_embedded))
            self.has_answer = True
            return count
        self._open(QUESTION, start, cut, line, last)
        self._add_rest(cut, last)
        self.was_glued = True
        return count

    def _add_with_toggle(self, index: int, count: int, start: int, cut: int, role: str = QUESTION) -> int:
        """Add a question with the name of an icon, or what opens the answer, on the same line; that says nothing."""
        line, last = self.lines[index], self.lines[index + count - 1]
        self._open(role, start, cut, line, last)
        marker = len(restore_characters(self.text[cut : last.end]).strip())
        self.found.append(Segment(EMPTY, cut, last.end, last.number, last.number, marker))
        return count

    def _add_rest(self, start: int, line: Line) -> None:
        """Add the answer from `start` to the end of a line, and on a page without line breaks the pairs in it."""
        if len(self.lines) <= FEW_LINES:
            for match in _NEXT_PAIR.finditer(self.text, start, line.end):
                self._add_part(ANSWER, start, match.start(), line)
                self._add_part(QUESTION, match.start(1), match.end(), line)
                start = match.end()
        self._add_part(ANSWER, start, line.end, line)

    def _add_glued_on(self, index: int) -> int:
        """Add an answer line that ends in a question glued to it (2.3); returns 0 when it does not."""
        line = self.lines[index]
        if "?" not in line.text or not ends_in_question_mark(line.text):
            return 0
        glued = _GLUED_ON.search(self.text, line.start, line.end)
        if glued is None:
            return 0
        self.found.append(Segment(ANSWER, line.start, glued.start(), line.number, line.number))
        self._add_part(QUESTION, glued.start(), line.end, line)
        return 1

    def _add_part(self, role: str, start: int, end: int, line: Line) -> None:
        """Add a part of a line, without the white space around it."""
        part = self.text[start:end]
        bare = part.strip()
        if not bare:
            return
        start += len(part) - len(part.lstrip())
        marker = _separator_length(bare) if role == ANSWER else None
        self.found.append(Segment(role, start, start + len(bare), line.number, line.number, marker))
        if role == QUESTION:
            self.question, self.has_answer, self.was_glued = bare, False, False
        else:
            self.has_answer = self.question is not None


_SEPARATOR = re.compile(r"[|:;~=>/]{1,3}\s+(?=\S)")


def _separator_length(text: str) -> int | None:
    """How many characters of an answer on the line of its question part the two: "| Yes", "R: Yes"; None: the usual."""
    if text[0].isalpha():
        return answer_label_length(text) or None
    found = _SEPARATOR.match(text)
    return found.end() if found else None


def _question_end(raw: str, start: int) -> int | None:
    """The end of the question that starts at `start` in `raw`, with a second one on the same line (2.1)."""
    match = _QUESTION.match(raw, start)
    if match is None:
        return None
    other = _OTHER_LANGUAGE.match(raw, match.end())
    if other is not None:
        return other.end()
    second = _SECOND_QUESTION.match(raw, match.end())
    return second.end() if second and asks(second[1]) else match.end()
