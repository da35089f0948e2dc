"""What one page looks like: its lines, the markers they carry, and which lines are parts of the page, not of its text.

A marker is learned from the page itself: whatever opens most of its questions ("Q:", "##", "»", "Frage 3:", "[Q]") is
the page's question marker, and whatever opens most of the lines below them ("A:", "Antwort:") its answer marker.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from pipeline.clean import mend, question_key
from pipeline.furniture import is_furniture

# ---------------------------------------------------------------- lines


class Line(NamedTuple):
    """A line that is not blank.

    `start` and `end` count in the document, without the line end. `text` is mended and bare of white space around it;
    `shape` is what opens it before its words, `opening` how many characters of `text` that is; `gap` is how many blank
    lines stand before it (the first line of a document has one more).
    """

    number: int
    start: int
    end: int
    text: str
    gap: int
    opening: int
    shape: str


_SOMETHING = re.compile(r"[^\s\u200b\ufeff]")


def read_lines(text: str) -> list[Line]:
    """The lines of a document that are not blank, in order. A line ends at LF or CRLF only."""
    lines = []
    start = 0
    gap = 1
    for number, raw in enumerate(text.split("\n"), 1):
        bare = raw.strip()
        if bare and (bare[0] not in "\u200b\ufeff" or _SOMETHING.search(bare)):
            if not bare.isascii() or "&" in bare:
                bare = mend(bare).strip()
            end = start + len(raw) - (raw[-1] == "\r")
            lines.append(Line(number, start, end, bare, gap, *opening(bare)))
            gap = 0
        else:
            gap += 1
        start += len(raw) + 1
    return lines


# ---------------------------------------------------------------- markers

_LABEL = re.compile(
    r"(?:[^\W\d_]{1,12}(?:\.?\s?(?:[Nn][or]\.?\s?|[#№]\s?)?\d{1,4}\b)?"  # Q, Question 3, Frage Nr. 3, FAQ #12
    r"(?:\s?[.:)\]|]+\s+|\s?[-–—]+\s+)|(?:Q|Question|A|Answer)\s?\d{0,4}\s?[.:)\]]+\s*|Q\s+(?=[A-Z])|[^\W\d_]{1,12}\s?\d{1,4}\s+(?=[A-Z]))(?=\S)"
)
_HEADING = re.compile(r"#{1,6}(?:\s+|(?=[^\W\d]))|>\s+")
_EMPHASIS = re.compile(r"\*\*|__")
_BRACKETED = re.compile(  # [Q]  (3)  [Q1]:  |Q|  *Q*
    r"[\[(<{【]\s?(?:[^\W\d_]{1,12}\s?)?[#№]?\d{0,4}\s?[\])>}】]\s?[:.\-–—]?\s*|([|*~])[^\W\d_]{1,12}\s?\d{0,4}\1\s*"
)
_NUMBER = re.compile(r"[#№§]?\d{1,4}(?:\.\d{1,3}){0,3}\s?[.):|/\-–—]+\s+|[#№§]\s?\d{1,4}\s+|\d{1,3}\s+(?=[^\W\d_a-z])")
_SYMBOL = re.compile(r"[-*+.~|=–—−·:>]{1,3}\s+|[^\w\s\"'“”‘’«¿¡(\[{<$€£#*&%@/\\.,;:!?+=~|–—−·-]{1,3}\s*")  # -  •  »  ❓
_PIECES = (_HEADING, _EMPHASIS, _BRACKETED, _NUMBER, _LABEL, _SYMBOL)
_AFTER_LABEL = frozenset("#№0123456789-–—:.)]|Nn")  # what can follow the word of a label and a space
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_QUESTION_LABEL = re.compile(r"(?:#+|\*\*|__|[-*•])*[\[(]?(?:Q|[Qq]uestion|QUESTION|FAQ)(?:#?9)?[.:)\]|\-–—]*$")
_ENUMERATED = re.compile(r"^(?:[IVXLC]{1,6}|[ivxlc]{1,6}|[B-PR-Zb-pr-z])(?=[.)]$)")  # IV.  c)
_SURE_LABEL = re.compile(r"\d|^(?:[Qq]uestion|[Aa]nswer|FAQ|[A-Z])\b")
_ANSWER_LABEL = re.compile(r"[\W_]*(?:A|Ans|Answer|Antwort|R|Resp\w*|Rép\w*|Risp\w*|Reply|Odp\w*|Svar)(?:\W|9|$)", re.IGNORECASE)
_YES_OR_NO = re.compile(r"(?:yes|no|ja|nein|sí|oui|non|true|false|maybe|sometimes|usually|often)\b", re.IGNORECASE)
_ITEM = re.compile(r"[-•+–—−·●▪■◦‣]|\*(?![*\w])|\(?9[.)]")
_BULLET = re.compile(r"[-•–—−·●▪■◦‣*]$")
_PLAIN = re.compile(r"(?:#+|\*\*|__|[-*•+–−▸▶►▼·»]|9(?:\.9)*[.):\-–—]+)+$")


def opening(text: str) -> tuple[int, str]:
    """How many characters open a line before its words, and their shape: white space gone, each number a 9.

    >>> opening("Frage 3: Was ist Asthma?")
    (9, 'Frage9:')
    >>> opening("### 1. What is asthma?")
    (7, '###9.')
    >>> opening("What is asthma?")
    (0, '')
    """
    end = 0
    for _ in range(4):
        match = _piece(text, end)
        if match is None or match.end() >= len(text):
            break
        end = match.end()
    if not end:
        return 0, ""
    shape = _SPACES.sub("", _DIGITS.sub("9", text[:end]))
    return end, _ENUMERATED.sub("i", shape) if end < 8 else shape


def _piece(text: str, start: int) -> re.Match[str] | None:
    if text[start : start + 1].isalpha():
        space = text.find(" ", start, start + 14)
        if space > 0 and text[space - 1].isalpha() and text[space + 1 : space + 2] not in _AFTER_LABEL and text[start] != "Q":
            return None
        label = _LABEL.match(text, start)
        if label is None or asks(label[0]):
            return None
        return label if start == 0 or _SURE_LABEL.search(label[0]) else None
    for piece in _PIECES:
        match = piece.match(text, start)
        if match:
            return match
    return None


_ASKED = re.compile(r"\?[\W_]{0,12}$")


def ends_in_question_mark(text: str) -> bool:
    """Whether a text ends in "?"; quotes, brackets, emphasis and the signs that open a folded answer may follow.

    >>> [ends_in_question_mark(t) for t in ("Is it rare?", "**Is it rare?**", "Is it rare? [+]", "Is it? Yes")]
    [True, True, True, False]
    """
    return text[-1:] == "?" or ("?" in text[-13:] and _ASKED.search(text, max(0, len(text) - 13)) is not None)


def is_item(shape: str) -> bool:
    """Whether a line with this opening can be an item of a list: a bullet or a number."""
    return bool(shape) and _ITEM.match(shape) is not None


MANY = 3  # a habit needs as many lines
NEARLY_ALL = 0.8  # of the lines below questions open with an answer label that we do not know
MOST = 0.5  # of the lines that carry a marker end in "?"


def _marks(shape: str, carried: Counter[str], asked: Counter[str]) -> bool:
    """Whether an opening marks the questions of a page, by how often it is carried and by how many lines that ask."""
    if _QUESTION_LABEL.match(shape):
        return True
    return asked[shape] >= MANY and asked[shape] >= MOST * carried[shape]


def _is_listed(lines: list[Line], index: int) -> bool:
    """Whether a bulleted line is followed at once by another: an item of a list, also when it asks."""
    if index + 1 == len(lines) or not _BULLET.match(lines[index].shape):
        return False
    return not lines[index + 1].gap and lines[index + 1].shape == lines[index].shape


def _asks_line(line: Line) -> bool:
    """Whether a line by itself can be a question: it ends in "?", or opens like one and has no stop at its end."""
    text = line.text
    if ends_in_question_mark(text):
        return True
    body = text[line.opening :]
    return len(text) < 140 and text[-1:].isalnum() and body[:1].isupper() and asks_as_title(body)


def _runs(lines: list[Line], asking: list[bool]) -> list[range]:
    """The stretches of lines that ask, without a gap in them; a line with the bullet of its neighbours may not."""
    runs: list[range] = []
    for index, (line, asks) in enumerate(zip(lines, asking, strict=True)):
        is_adjacent = bool(runs) and runs[-1].stop == index and not line.gap
        if is_adjacent and (asks or (line.shape and line.shape == lines[index - 1].shape)):
            runs[-1] = range(runs[-1].start, index + 1)
        elif asks:
            runs.append(range(index, index + 1))
    return runs


class Page:
    """What is true of a document as a whole; read once, asked by every line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = read_lines(text)
        self.parts = [not is_item(line.shape) and is_furniture(line.text) for line in self.lines]
        asking = [not part and _asks_line(line) for line, part in zip(self.lines, self.parts, strict=True)]
        self.contents = self._find_contents(asking)
        body = [index for index in range(len(self.lines)) if index not in self.contents]
        carried = Counter(self.lines[index].shape for index in body)
        asked = Counter(self.lines[i].shape for i in body if asking[i] and not _is_listed(self.lines, i))
        self.markers = frozenset(shape for shape in carried if shape and _marks(shape, carried, asked))
        whole = sum(asked.values())
        glued = sum(self._is_glued(self.lines[index]) for index in body if not asking[index])
        self.answer_markers = self._find_answer_markers(asking)
        marked = sum(count for shape, count in asked.items() if shape in self.markers)
        self.is_glued = glued >= MANY and glued >= 0.3 * (whole + glued)
        self.is_marked_throughout = marked >= 5 and marked >= 0.9 * (whole + glued)
        self.is_wrapped = self._is_wrapped()
        asking_lines = [line for line, asks in zip(self.lines, asking, strict=True) if asks]
        self.is_lower_case = sum(line.text[line.opening].islower() for line in asking_lines) > 0.5 * len(asking_lines)

    def _find_contents(self, asking: list[bool]) -> frozenset[int]:
        """Where tables of contents stand: runs of lines that ask, most of which come again further down."""
        runs = [run for run in _runs(self.lines, asking) if len(run) >= MANY]
        if not runs:
            return frozenset()
        keys = [self._body_key(index) if len(line.text) < 200 else "" for index, line in enumerate(self.lines)]
        listed = {index for run in runs for index in run}
        elsewhere = Counter(key for index, key in enumerate(keys) if index not in listed)
        contents: set[int] = set()
        for run in runs:
            before = run.start - 1
            while before >= 0 and not self.lines[before + 1].gap and elsewhere[keys[before]] > 1:
                before -= 1
            again = sum(keys[index] in elsewhere for index in run)
            if again >= 0.6 * len(run):
                contents.update(range(before + 1, run.stop))
        return frozenset(contents)

    def _find_answer_markers(self, asking: list[bool]) -> frozenset[str]:
        """The shapes that open most of the lines below questions."""
        below = Counter(
            answer.shape
            for index, (line, answer) in enumerate(zip(self.lines, self.lines[1:], strict=False))
            if (asking[index] or line.shape in self.markers) and not asking[index + 1]
        )
        total = below.total()
        return frozenset(
            shape
            for shape, count in below.items()
            if shape
            and shape not in self.markers
            and not is_item(shape)
            and count >= MANY
            and count >= (MOST if _ANSWER_LABEL.match(shape) else NEARLY_ALL) * total
            and not _YES_OR_NO.match(shape)
        )

    def _body_key(self, index: int) -> str:
        line = self.lines[index]
        return question_key(line.text[line.opening :])

    def _is_glued(self, line: Line) -> bool:
        at = line.text.find("?", line.opening)
        return 0 < at < min(line.opening + 200, len(line.text) - 3) and asks(line.text[line.opening :])

    def _is_wrapped(self) -> bool:
        """Whether prose runs on over line ends: lines that follow at once and start in lower case."""
        runs_on = sum(not line.gap and line.text[:1].islower() for line in self.lines)
        return runs_on >= MANY and runs_on >= 0.2 * len(self.lines)

    def marker_length(self, line: Line) -> int:
        """How many characters of the line's text are a question marker."""
        if line.shape and (line.shape in self.markers or _PLAIN.match(line.shape)):
            return line.opening
        return 0


_ASKING = frozenset(
    """how what why when where who which whom whose is are am was were do does did can could should would will shall may
    might must has have had isn't aren't don't doesn't can't won't""".split()
)
_FIRST_WORD = re.compile(r"¿?\s?([^\W\d_]+(?:['’]t)?)")


_TITLE_WORDS = frozenset("how what why when where who which".split())


def asks_as_title(text: str) -> bool:
    """Whether a text without "?" reads like the title of an answer: it opens with a question word and is short.

    >>> asks_as_title("How to get help"), asks_as_title("Is it rare")
    (True, False)
    """
    word = _FIRST_WORD.match(text)
    return word is not None and word[1].lower() in _TITLE_WORDS and len(text.split()) <= 14


def asks(text: str) -> bool:
    """Whether a text opens with a word that questions open with.

    >>> asks("Can I drive?"), asks("You can drive.")
    (True, False)
    """
    word = _FIRST_WORD.match(text)
    return word is not None and word[1].lower() in _ASKING


def line_keys(text: str) -> list[str]:
    """Keys of the lines of a document that could be parts of the page: short, and no sentence. Sorted, each once.

    Count them over the documents of a site; what stands on many of them is furniture, see `parse_text`.

    >>> line_keys("What is a cold?\\nA virus causes it.\\nMy Clinic Newsroom\\nMy clinic newsroom")
    ['my clinic newsroom']
    """
    return sorted(
        {
            question_key(line.text)
            for line in read_lines(text)
            if len(line.text) <= 80 and not line.shape and line.text[-1] not in ".:;,…" and "?" not in line.text
        }
    )
