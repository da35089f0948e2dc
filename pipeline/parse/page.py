"""Finds the lines of a page and its habits: markers, furniture, tables of contents, how it is written.

A marker is learned from the page itself: whatever opens most of its questions ("Q:", "##", "»", "Frage 3:", "[Q]") is
the page's question marker; whatever opens most of the lines below them ("A:", "Antwort:") is its answer marker.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.limits import LONG_TITLE, MANY_LINES, MOST_LINES, SHORT_PART
from pipeline.parse.furniture import is_choice, is_furniture, is_page_line, is_page_number
from pipeline.parse.headings import Heading, is_box_title, question_headings
from pipeline.parse.markers import (
    is_bullet,
    is_item,
    is_plain,
    is_title_label,
    names_answer,
    names_question,
    opening,
    says_yes_or_no,
)
from pipeline.parse.questions import asks, asks_as_title, asks_without_mark, ends_in_question_mark
from pipeline.text.characters import restore_characters, with_plain_marks
from pipeline.text.keys import question_key

# Measured as `MANY_LINES` and `MOST_LINES` in `pipeline.limits`.
NEARLY_ALL = 0.8  # 0.6 to 0.9 alike


class LineFeatures(NamedTuple):
    """What a line shows by itself, whatever surrounds it.

    `text` has its characters restored and no white space around it; `shape` is the shape of its opening, `opening` the
    length of that opening in `text`. `is_part`: it has the shape of furniture. `is_asking`: it can be a question.
    `is_glued`: it opens with a question and goes on. `opens_asking`: its words open as those of questions do, with a
    capital. `may_repeat`: it is furniture if the page or the site repeats it. `is_box`: it asks for no information.
    """

    text: str
    opening: int
    shape: str
    is_part: bool
    is_asking: bool
    is_glued: bool
    opens_asking: bool
    may_repeat: bool
    is_box: bool = False


@dataclass(slots=True)  # not frozen: reading lines would take 1.4 times as long; no code changes a line
class Line:
    """A line that is not blank, with its features.

    `start` and `end` count in the document, without the line end; `gap` is the number of blank lines above it (one
    more for the first line of a document).
    """

    number: int
    start: int
    end: int
    gap: int
    text: str
    opening: int
    shape: str
    is_part: bool
    is_asking: bool
    is_glued: bool
    opens_asking: bool
    may_repeat: bool
    is_box: bool = False


_SOMETHING = re.compile(r"[^\s\u200b\ufeff]")


def read_lines(text: str) -> list[Line]:
    """The lines of a document that are not blank, in order. A line ends at LF or CRLF only."""
    lines = []
    start = 0
    gap = 1
    for number, raw in enumerate(text.split("\n"), 1):
        bare = raw.strip()
        if bare and (bare[0] not in "\u200b\ufeff" or _SOMETHING.search(bare)):
            end = start + len(raw) - (raw[-1] == "\r")
            features = _cached_features(bare) if len(bare) < LONG_TITLE else _features(bare)
            lines.append(Line(number, start, end, gap, *features))
            gap = 0
        else:
            gap += 1
        start += len(raw) + 1
    return lines


def _features(text: str) -> LineFeatures:
    """The features of a line without white space around it."""
    if not text.isascii() or "&" in text:
        text = restore_characters(text).strip()
    start, shape = opening(text)
    if shape and is_title_label(shape, text[start:]):
        start, shape = 0, ""
    is_part = (not (shape and is_item(shape)) and is_furniture(text)) or is_page_number(text)
    if len(text) > REACH and "?" not in text:  # most long lines: prose
        return LineFeatures(text, start, shape, is_part, False, False, False, False)
    body = text[start : start + REACH]
    asks_ = asks(body)
    return LineFeatures(
        text,
        start,
        shape,
        is_part,
        _is_asking(text, body),
        asks_ and 0 < text.find("?", start, start + REACH) < len(text) - 3,
        asks_ and body[0].isupper(),
        not asks_ and not shape and len(text) <= SHORT_PART and text[-1:].isalnum(),
        "?" in text and is_box_title(body),
    )


REACH = 200  # characters of a line in which its question ends, if it has one
_cached_features = lru_cache(maxsize=4096)(_features)  # a page and its neighbours repeat titles and furniture


class Page:
    """The properties of a document as a whole.

    `text` has its punctuation in ASCII, at the same offsets; `lines`; `parts`: which of them are furniture; `breaks`:
    indexes of the heads and feet of printed pages and of mark-up without words, which end no answer; `contents`: of the
    entries of its tables of contents; `code`: of lines in code fences and tables; `titles`: of its headings, and
    whether they are questions; `markers`, `answer_markers`: shapes of openings, `labels` those of them that come in
    pairs, `has_labels` whether they divide it; and its habits.
    """

    def __init__(
        self,
        text: str,
        is_article: bool = False,
        has_marked_headings: bool = False,
        tables: Sequence[tuple[int, int]] = (),
        markup: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.text = with_plain_marks(text)
        self.lines = read_lines(self.text)
        _number_letters(self.lines)
        self.code = _find_code(self.lines) | _lines_in(self.lines, tables)
        self.breaks = (_find_heads(self.text, self.lines) | _lines_in(self.lines, markup)) - self.code
        self.parts = _find_furniture(self.lines, self.breaks)
        self.titles = _find_titles(self.lines, self.code, has_marked_headings) if is_article else {}
        if "\n=" in self.text or self.text.startswith("="):
            self.titles |= _find_wiki_titles(self.lines, self.code)
        asking = [
            line.is_asking and not part and index not in self.code
            for index, (line, part) in enumerate(zip(self.lines, self.parts, strict=True))
        ]
        self.contents = _find_contents(self.lines, asking)
        body = [index for index in range(len(self.lines)) if index not in self.contents]
        question_shapes = Counter(self.lines[i].shape for i in body if asking[i] and not _is_in_bullets(self.lines, i))
        all_shapes = Counter(self.lines[index].shape for index in body)
        self.markers = frozenset(shape for shape in all_shapes if shape and _marks(shape, all_shapes, question_shapes))
        labels = _alternating_labels(self.lines, all_shapes) | _paired_labels(self.lines, asking, all_shapes)
        self.labels = frozenset((*labels.keys(), *labels.values()))
        self.markers |= labels.keys()
        asked = sum(self.titles.values())
        if has_marked_headings:
            asked += sum(line.shape == "Q:" for line in self.lines)
        self.has_headings = asked >= FORM
        if self.has_headings:  # its questions are headings, and the items of its lists are none
            self.markers = frozenset(shape for shape in self.markers if not is_item(shape))
        self._question_shapes = question_shapes
        self.answer_markers = self._find_answer_markers(asking) | {*labels.values()}
        self.has_form = self._has_form(asking)
        self.has_labels = self._has_labels(asking)
        self._find_habits(asking, question_shapes, sum(self.lines[i].is_glued for i in body if not asking[i]))

    def _has_form(self, asking: list[bool]) -> bool:
        """Whether the page gives its questions a form: they are headings, or have a marker, and most others are items.

        An item of a list that asks is then a part of the answer it is in.
        """
        marked = plain = 0
        for index, line in enumerate(self.lines):
            if self.titles and self.titles.get(index):
                marked += 1
            elif line.shape:
                if index not in self.contents:
                    is_marked = line.shape in self.markers or (asking[index] and self.may_mark(line.shape))
                    is_in_list = is_item(line.shape)
                    marked += is_marked and (not is_in_list or line.shape in self.markers)
                    plain += asking[index] and not is_marked and not is_in_list
            elif asking[index] and index not in self.contents:
                plain += 1
        return marked >= FORM and marked > plain

    def _has_labels(self, asking: list[bool]) -> bool:
        """Whether labels divide the page: each question and each answer has one, and fewer paragraphs ask without one.

        A line that asks within an answer is then a part of it.
        """
        questions = answers = plain = 0
        for index, line in enumerate(self.lines):
            if line.shape in self.markers and (line.shape in self.labels or names_question(line.shape)):
                questions += 1
            elif line.shape in self.answer_markers and (line.shape in self.labels or names_answer(line.shape)):
                answers += 1
            elif asking[index] and line.gap and index not in self.contents:
                plain += 1
        return questions >= FORM and answers == questions and plain < questions

    def _find_answer_markers(self, asking: list[bool]) -> frozenset[str]:
        """The shapes that open most of the lines below questions."""
        below = Counter(
            self.lines[index + 1].shape
            for index, line in enumerate(self.lines[:-1])
            if (asking[index] or line.shape in self.markers) and not asking[index + 1]
        )
        total = below.total()
        has_label = any(map(names_question, self.markers))  # "Q:" is answered by "A:", however few there are
        return frozenset(
            shape
            for shape, count in below.items()
            if shape and shape not in self.markers and not is_item(shape) and not says_yes_or_no(shape)
            if count >= (1 if has_label and names_answer(shape) else MANY_LINES)
            if count >= (MOST_LINES if names_answer(shape) else NEARLY_ALL) * total
        )

    def _find_habits(self, asking: list[bool], question_shapes: Counter[str], glued: int) -> None:
        """Find how the page is written.

        `is_glued`: answers are on the lines of their questions. `is_marked_throughout`: nearly all its questions
        carry a marker. `is_wrapped`: prose runs on over line ends. `is_lower_case`: its questions have no capitals.
        """
        total = question_shapes.total() + glued
        marked = sum(count for shape, count in question_shapes.items() if shape in self.markers)
        runs_on = sum(not line.gap and line.text[:1].islower() for line in self.lines)
        question_lines = [line for line, is_one in zip(self.lines, asking, strict=True) if is_one]
        lower = sum(line.text[line.opening].islower() for line in question_lines)
        self.is_glued = glued >= MANY_LINES and glued >= GLUED * total
        self.is_marked_throughout = marked >= MARKED_LINES and marked >= MARKED * total
        self.is_wrapped = runs_on >= MANY_LINES and runs_on >= WRAPPED * len(self.lines)
        self.is_lower_case = lower > MOST_LINES * len(question_lines)

    def may_mark(self, shape: str) -> bool:
        """Whether an opening marks the questions of the page, or at least two of them."""
        return bool(shape) and (shape in self.markers or self._question_shapes[shape] >= FORM)

    def asks_with(self, shape: str) -> bool:
        """Whether a line that asks has this opening."""
        return bool(shape) and (shape in self.markers or self._question_shapes[shape] > 0)

    def marker_length(self, line: Line) -> int:
        """How many characters of the line's text are a question marker."""
        return line.opening if line.shape and (line.shape in self.markers or is_plain(line.shape)) else 0


FORM = 2  # questions with a heading or a marker
GLUED = 0.3  # share of the questions of a page on one line with their answer; 0.1 to 0.7 alike
MARKED = 0.9  # share of the questions with a marker; 0.95 and 1 alike, 0.8: 9 more pairs lost
MARKED_LINES = 5  # 3 to 8 alike
WRAPPED = 0.2  # share of the lines that begin with a small letter; 0.1 to 0.4 alike


def _marks(shape: str, all_shapes: Counter[str], question_shapes: Counter[str]) -> bool:
    """Whether an opening marks the questions of a page. `question_shapes` counts the lines that ask."""
    return names_question(shape) or (
        question_shapes[shape] >= MANY_LINES and question_shapes[shape] >= MOST_LINES * all_shapes[shape]
    )


_FIRST_LETTER = re.compile(r"\(?a\)")


def _number_letters(lines: list[Line]) -> None:
    """Give "a)" the shape of "b)" and "c)" where a line with "b)" is the next of its kind, so that it labels no answer.

    >>> lines = read_lines("a) Is it far?\\nNo.\\nb) Is it free?")
    >>> _number_letters(lines)
    >>> [line.shape for line in lines]
    ['i)', '', 'i)']
    """
    first: Line | None = None
    for line in lines:
        if line.opening and line.opening < SHORT_LETTER:
            mark = line.text[: line.opening].strip().lower()
            if _FIRST_LETTER.fullmatch(mark):
                first = line
            elif first is not None and mark == f"{first.text[: first.opening].strip().lower()[:-2]}b)":
                first.shape, first = line.shape, None


SHORT_LETTER = 6  # characters of "(a) " with some blanks
_SHORT_LABEL = re.compile(r"[^\W\d_]{1,2}9?[:)]$")  # "K:", "Fr:"
_WORD_LABEL = re.compile(r"[^\W\d_]{3,12}9?:$")  # "Frage:"


_LABEL_ENDS = (":", ")")


def _are_labels(question: str, answer: str) -> bool:
    """Whether two shapes can be the labels of a question and its answer: of few letters, or words, one a known one."""
    if _WORD_LABEL.match(question):
        return names_answer(answer) and _WORD_LABEL.match(answer) is not None
    return _SHORT_LABEL.match(question) is not None and _SHORT_LABEL.match(answer) is not None


def _paired_labels(lines: list[Line], asking: list[bool], all_shapes: Counter[str]) -> dict[str, str]:
    """The labels of questions with those of their answers in any language: "K:" and "V:", "Frage:" and "Antwort:".

    Each line with the one asks and has a line with the other below it, at least twice.
    """
    below: dict[str, Counter[str]] = {}
    for index, line in enumerate(lines[:-1]):
        if asking[index] and line.shape[-1:] in _LABEL_ENDS and _are_labels(line.shape, lines[index + 1].shape):
            below.setdefault(line.shape, Counter())[lines[index + 1].shape] += 1
    found: dict[str, str] = {}
    for shape, answers in below.items():
        answer, times = answers.most_common(1)[0]
        is_own = answer != shape and times == all_shapes[shape] == all_shapes[answer]
        if is_own and times >= FORM:
            found[shape] = answer
    return found


def _alternating_labels(lines: list[Line], all_shapes: Counter[str]) -> dict[str, str]:
    """The labels that follow each other in turn through a page, where all that the first one opens ends in "?".

    The questions may run over several lines. Two words that are no known labels ("Interviewer:", "Okafor:") are labels
    where they take `MANY_LINES` turns.
    """
    labelled = [
        (index, line.shape)
        for index, line in enumerate(lines)
        if line.shape[-1:] in _LABEL_ENDS and all_shapes[line.shape] >= FORM
    ]
    turns: dict[str, dict[str, list[bool]]] = {}
    for (index, shape), (after, below) in pairwise(labelled):
        does_ask = after - index <= MOST_LABELLED and ends_in_question_mark(lines[after - 1].text)
        turns.setdefault(shape, {}).setdefault(below, []).append(does_ask)
    found: dict[str, str] = {}
    for shape, below_it in turns.items():
        below, asked = max(below_it.items(), key=lambda item: len(item[1]))
        if below == shape or not len(asked) == all_shapes[shape] == all_shapes[below] or not all(asked):
            continue
        are_words = _WORD_LABEL.match(shape) is not None and _WORD_LABEL.match(below) is not None
        if _are_labels(shape, below) or (are_words and len(asked) >= MANY_LINES):
            found[shape] = below
    return found


MOST_LABELLED = 12  # lines from the label of a question to the label of its answer; letters to an expert have up to 9


def _is_asking(text: str, body: str) -> bool:
    """Whether a line by itself can be a question: it ends in "?", or opens like one and has no stop at its end."""
    if ends_in_question_mark(text):
        return True
    if len(text) >= LONG_TITLE or not text[-1:].isalnum():
        return False
    return (body[:1].isupper() and asks_as_title(body)) or asks_without_mark(body)


def _is_in_bullets(lines: list[Line], index: int) -> bool:
    """Whether a bulleted line is followed at once by another: an item of a list, also when it asks."""
    if not lines[index].shape or index + 1 == len(lines) or not is_bullet(lines[index].shape):
        return False
    return not lines[index + 1].gap and lines[index + 1].shape == lines[index].shape


# ---------------------------------------------------------------- code


def _find_code(lines: list[Line]) -> frozenset[int]:
    """The lines of fenced code, with the fences; a fence that is not closed opens none."""
    code: set[int] = set()
    start, fence = -1, ""
    for index, line in enumerate(lines):
        if start < 0 and line.text.startswith(("```", "~~~")):
            start, fence = index, line.text[:3]
        elif start >= 0 and line.text.startswith(fence) and not line.text.strip(fence[0]):
            code.update(range(start, index + 1))
            start = -1
    return frozenset(code)


def _lines_in(lines: list[Line], spans: Sequence[tuple[int, int]]) -> set[int]:
    """The lines that begin in these spans, which are in order."""
    found: set[int] = set()
    starts = [line.start for line in lines] if spans else []
    for start, end in spans:
        found.update(range(bisect_left(starts, start), bisect_left(starts, end)))
    return found


# ---------------------------------------------------------------- headings

_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?$")


def _find_titles(lines: list[Line], code: Collection[int], are_marked: bool) -> dict[int, bool]:
    """The headings in Markdown, and whether each is a question."""
    found: list[tuple[int, int, str, int]] = []  # index, level, title, index of the line below
    for index, line in enumerate(lines):
        if index in code:
            continue
        if line.text[0:1] == "#" and (match := _HEADING.match(line.text)):
            found.append((index, len(match[1]), match[2], index + 1))
        elif line.text[:3] in _UNDERLINES and index and _is_underlined(lines[index - 1], line):
            found.append((index - 1, 1 + (line.text[0] == "-"), lines[index - 1].text, index + 1))
    if are_marked or not found:
        return {index: False for index, *_ in found}
    indexes = {index for index, *_ in found}
    headings = [
        Heading(level, _without_emphasis(title), below < len(lines) and below not in indexes)
        for _, level, title, below in found
    ]
    titles = zip((index for index, *_ in found), question_headings(headings), strict=True)
    # An underlined line that asks without the order of a question ("How much honey") is judged as a line.
    return {
        index: asked for index, asked in titles if asked or lines[index].text[0] == "#" or not lines[index].is_asking
    }


_UNDERLINES = ("===", "---")


def _is_underlined(title: Line, line: Line) -> bool:
    """Whether a line of one sign below another makes a heading of it (setext); a sentence is none."""
    is_rule = not line.gap and not line.text.strip(line.text[0])
    return (
        is_rule
        and title.gap > 0
        and len(title.text) < LONG_TITLE
        and title.text[-1].isalnum() | ("?" in title.text[-3:])
    )


_WIKI_HEADING = re.compile(r"(={1,6})\s+(\S.*?)\s+\1$")


def _find_wiki_titles(lines: list[Line], code: Collection[int]) -> dict[int, bool]:
    """The headings between equals signs, of two levels at least: "===" is high in a readme.txt, "=" in a wiki."""
    found = [
        (index, match)
        for index, line in enumerate(lines)
        if line.text[0:1] == "=" and index not in code and (match := _WIKI_HEADING.match(line.text))
    ]
    counts = [len(match[1]) for _, match in found]
    if len(set(counts)) < 2:
        return {}
    is_readme = counts[0] == max(counts)
    indexes = {index for index, _ in found}
    headings = [
        Heading(7 - count if is_readme else count, match[2], index + 1 < len(lines) and index + 1 not in indexes)
        for (index, match), count in zip(found, counts, strict=True)
    ]
    return dict(zip((index for index, _ in found), question_headings(headings), strict=True))


def _without_emphasis(title: str) -> str:
    return title.strip("*_ ")


# ---------------------------------------------------------------- furniture


def _find_furniture(lines: list[Line], breaks: Collection[int]) -> list[bool]:
    """Which lines are furniture: by their shape, or because they end one passage of text after another."""
    parts = [line.is_part for line in lines]
    repeated: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line.may_repeat:
            repeated.setdefault(line.text, []).append(index)
    for index in (*breaks, *_feedback(lines), *_link_lines(lines, parts)):
        parts[index] = True
    for indexes in repeated.values():
        ends = sum(_ends_passage(lines, index) for index in indexes) if len(indexes) >= MANY_LINES else 0
        if ends and ends >= NEARLY_ALL * len(indexes):
            for index in indexes:
                parts[index] = True
    return parts


_LINK = re.compile(
    r"!?\[(?:!\[[^\[\]]{0,200}\]\([^()\s]{0,400}\)|[^\[\]]){0,200}\]\((?P<to>[^()\s]{0,400})[^()]{0,200}\)"
)


def _link_lines(lines: list[Line], parts: list[bool]) -> Iterator[int]:
    """The lines of links alone, in Markdown, that frame a page: at its end, below a rule, and those to its top."""
    is_end = True
    for index in range(len(lines) - 1, -1, -1) if any("](" in line.text for line in lines) else ():
        text = lines[index].text
        links = [*_LINK.finditer(text)] if "](" in text and len(text) < LONG_LINKS else []
        if not links or any(map(str.isalnum, _LINK.sub("", text))) or is_item(lines[index].shape):
            is_end &= parts[index]
            continue
        is_below_rule = index > 0 and _is_below_rule(lines, index)
        if is_below_rule or (is_end and len(links) > 1) or (len(links) == 1 and links[0]["to"] in ("#", "#top")):
            yield index
        else:
            is_end = False


LONG_LINKS = 2_000  # characters of a line of links


def _is_below_rule(lines: list[Line], index: int) -> bool:
    """Whether the line above is a rule that no title is above."""
    above = lines[index - 1].text
    return len(above) > 2 and above[0] in "-*_=" and not above.strip(f"{above[0]} ")


def _feedback(lines: list[Line]) -> Iterator[int]:
    """The questions to the reader that two buttons below them answer, with the buttons."""
    for index, line in enumerate(lines[:-1]):
        if line.is_asking and not line.opening:
            below = lines[index + 1].text
            if is_choice(below):
                yield from (index, index + 1)
            elif index + 2 < len(lines) and len(below) < SHORT_PART and is_choice(f"{below} {lines[index + 2].text}"):
                yield from (index, index + 1, index + 2)


def printed_lines(text: str) -> frozenset[str]:
    """The heads and feet of printed pages in a text, which are no part of an answer that runs over them."""
    plain = with_plain_marks(text)
    lines = read_lines(plain)
    return frozenset(text[lines[index].start : lines[index].end].strip() for index in _find_heads(plain, lines))


def _find_heads(text: str, lines: list[Line]) -> frozenset[int]:
    """The heads and feet of printed pages; a single line with the number of a page may belong to a text."""
    if not any(line.text[:1].isdigit() or line.text[-1:].isdigit() or is_page_number(line.text) for line in lines):
        return frozenset()  # as on most pages
    numbers = [index for index, line in enumerate(lines) if line.is_part and is_page_line(line.text)]
    counted = {*_counted_heads(text, lines)}
    heads = {*_running_heads(lines, counted), *(numbers if len(numbers) > 1 else []), *counted}
    for index in [*heads]:  # the rule between a head and the text
        for near in (index - 1, index + 1):
            if 0 <= near < len(lines) and not lines[max(index, near)].gap and _is_rule(lines[near].text):
                heads.add(near)
    return frozenset(heads)


def _is_rule(text: str) -> bool:
    return len(text) >= SHORT_RULE and not text.strip(text[0]) and not text[0].isalnum()


SHORT_RULE = 10  # characters; a shorter one may divide an answer
_NUMBERED_HEAD = re.compile(
    r"(?:(?P<number>\d{1,4})\s{3,})?(?P<head>\S.{2,59}?)(?(number)|\s{3,}(?:\w{1,7}\.?\s)?\d{1,4})$"
)


def _running_heads(lines: list[Line], counted: Collection[int]) -> Iterator[int]:
    """The heads that printed pages repeat: with the page's number after some blanks, or beside a line with it.

    `counted`: see `_counted_heads`.
    """
    heads: dict[str, int] = {}
    beside: Counter[str] = Counter()
    texts = [" ".join(line.text.split()) if "  " in line.text else line.text for line in lines]
    for index, line in enumerate(lines):
        text = line.text
        if len(text) > LONG_HEAD:
            continue
        head = _head_of(text)
        if head is not None:
            heads[head] = heads.get(head, 0) + 1
        has_number = (line.is_part or head is not None) and (text[-1:].isdigit() or is_page_number(text))
        if has_number or index in counted:
            beside.update({texts[near] for near in (index - 1, index + 1) if 0 <= near < len(lines)})
    count = Counter(texts)
    known = {head for head, times in heads.items() if times + count[head] > 1}
    known |= {
        text
        for text, times in beside.items()
        if count[text] > 1
        and len(text) <= LONG_HEAD
        and _may_be_head(text)
        and (len(text) <= SHORT_PART or times == count[text])
    }
    yield from (index for index, line in enumerate(lines) if texts[index] in known or _head_of(line.text) in known)


LONG_HEAD = 100  # characters of a running head with the blanks in it


def _may_be_head(text: str) -> bool:
    """Whether a line can be a running head: it does not ask, has no marker and no stop at its end."""
    return text[-1:].isalnum() and not asks(text) and not opening(text)[1]


def _head_of(text: str) -> str | None:
    """The head in a line with a page's number; None for any other line."""
    found = _NUMBERED_HEAD.match(text) if "   " in text and len(text) <= LONG_HEAD else None
    return found["head"] if found else None


_COUNTED_HEAD = re.compile(
    r"(?:(?P<first>\d{1,4})(?:\s+[|•·–—-])?\s+)?(?P<head>[^?]{0,79}?)(?(first)|\s*\b(?P<last>\d{1,4})(?P<of>\s?/\s?\d{1,4})?)$"
)
HEAD_WORDS = 3  # of a head one blank before its number; "Step 1" and "Room 12" have fewer


def _counted_heads(text: str, lines: list[Line]) -> Iterator[int]:
    """The lines that are a number, or one head with a number on either side, where the numbers are those of pages.

    They go up by one or two from line to line, and each line is apart from the text. A number alone below a question
    is its answer.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for index, line in enumerate(lines):
        if len(line.text) > LONG_HEAD or not (line.text[-1:].isdigit() or line.text[:1].isdigit()):
            continue
        match = _COUNTED_HEAD.match(line.text)
        if match is None:
            continue
        head = match["head"].strip()
        is_apart = line.gap > 0 or index + 1 == len(lines) or lines[index + 1].gap > 0 or _is_on_new_page(text, line)
        if head:
            is_short = len(head.split()) < HEAD_WORDS and not match["of"]
            if is_short or head[-1] in ".:,;(" or not (is_apart or match["of"]) or "?" in head or asks(head):
                continue
        elif not is_apart or (index and lines[index - 1].is_asking):
            continue
        found.setdefault(f"{head}{match['of'] or ''}", []).append((index, int(match["first"] or match["last"])))
    for places in found.values():
        numbers = [number for _, number in places]
        is_one_list = any(after == before + 1 for (before, _), (after, _) in pairwise(places))
        if len(places) > 1 and not is_one_list and all(0 < after - before <= 2 for before, after in pairwise(numbers)):
            yield from (index for index, _ in places)


def _is_on_new_page(text: str, line: Line) -> bool:
    """Whether a form feed is before a line, or ends the line above it."""
    return "\f" in text[max(0, line.start - 3) : line.end]


def _ends_passage(lines: list[Line], index: int) -> bool:
    """Whether text ends with a stop above a line, and a gap, a question or nothing follows below it."""
    above = lines[index - 1].text if index else ""
    if not above.endswith((".", "!", "…", ")")):
        return False
    return index + 1 == len(lines) or lines[index + 1].gap > 0 or ends_in_question_mark(lines[index + 1].text)


def line_keys(text: str) -> list[str]:
    """Keys of the lines of a document that could be furniture: short, and no sentence. Sorted, without repetition.

    A line that many documents of a site repeat is furniture, see `parse_text`.

    >>> line_keys("What is a cold?\\nA virus causes it.\\nMy Clinic Newsroom\\nMy clinic newsroom")
    ['my clinic newsroom']
    """
    return part_keys(read_lines(text))


def part_keys(lines: list[Line]) -> list[str]:
    """The `line_keys` of lines that are read already."""
    return sorted({question_key(line.text) for line in lines if line.may_repeat})


# ---------------------------------------------------------------- tables of contents


def _find_contents(lines: list[Line], asking: list[bool]) -> frozenset[int]:
    """The lines of tables of contents: runs of lines that ask, most of which the page repeats outside such runs."""
    runs = [run for run in _runs(lines, asking) if len(run) >= MANY_LINES]
    if not runs:
        return frozenset()
    keys = [question_key(line.text[line.opening :]) if len(line.text) < LONG_TITLE else "" for line in lines]
    listed = {index for run in runs for index in run}
    elsewhere = Counter(key for index, key in enumerate(keys) if key and index not in listed)
    contents: set[int] = set()
    for run in runs:
        first = run.start
        while first and not lines[first].gap and elsewhere[keys[first - 1]] > 1:  # a title without "?" opens the table
            first -= 1
        if sum(keys[index] in elsewhere for index in run) >= CONTENTS * len(run):
            contents.update(range(first, run.stop))
    return frozenset(contents)


CONTENTS = 0.6  # share of the lines of a table that are questions again; pages are cut; 0.3 to 0.9 alike


def _runs(lines: list[Line], asking: list[bool]) -> list[range]:
    """Runs of lines that ask, without a gap; a line with the opening of the line above need not ask."""
    runs: list[range] = []
    for index, line in enumerate(lines):
        if not asking[index] and not line.shape:
            continue
        is_adjacent = bool(runs) and runs[-1].stop == index and not line.gap
        if is_adjacent and (asking[index] or line.shape == lines[index - 1].shape):
            runs[-1] = range(runs[-1].start, index + 1)
        elif asking[index]:
            runs.append(range(index, index + 1))
    return runs
