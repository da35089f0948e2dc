"""What one page looks like: its lines, the markers they carry, and which lines are parts of the page, not of its text.

A marker is learned from the page itself: whatever opens most of its questions ("Q:", "##", "»", "Frage 3:", "[Q]") is
the page's question marker, and whatever opens most of the lines below them ("A:", "Antwort:") its answer marker.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from pipeline.clean import mend, question_key

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
    r"(?:\s?[.:)\]|]+\s+|\s?[-–—]+\s+)|(?:Q|Question|A|Answer)\s?\d{0,4}\s?[.:)\]]+\s*|Q\s+(?=[A-Z]))(?=\S)"
)
_HEADING = re.compile(r"#{1,6}(?:\s+|(?=\w))|>\s+")
_EMPHASIS = re.compile(r"\*\*|__")
_BRACKETED = re.compile(r"[\[(<{【]\s?(?:[^\W\d_]{1,12}\s?)?[#№]?\d{0,4}\s?[\])>}】]\s?[:.\-–—]?\s*")  # [Q], (3), [Q1]:
_NUMBER = re.compile(r"[#№]?\d{1,4}(?:\.\d{1,3}){0,3}\s?[.):\-–—]+\s+")  # 1.  2)  #3:
_SYMBOL = re.compile(r"[-*+.~|=–—−·]\s+|[^\w\s\"'“”‘’«¿¡(\[{<$€£#*&%@/\\.,;:!?+=~|–—−·-]{1,3}\s*")  # -  •  »  ❓
_PIECES = (_HEADING, _EMPHASIS, _BRACKETED, _NUMBER, _LABEL, _SYMBOL)
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_QUESTION_LABEL = re.compile(r"(?:#+|\*\*|__|[-*•])*[\[(]?(?:Q|Question|FAQ)(?:#?9)?[.:)\]|\-–—]*$", re.IGNORECASE)
_SURE_LABEL = re.compile(r"\d|^(?:Q|Question|A|Answer|FAQ|[A-Z])\b", re.IGNORECASE)
_ITEM = re.compile(r"[-•+–—−·●▪■◦‣]|\*(?!\*)|\(?9[.)]")
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
    return (end, _SPACES.sub("", _DIGITS.sub("9", text[:end]))) if end else (0, "")


def _piece(text: str, start: int) -> re.Match[str] | None:
    if text[start : start + 1].isalpha():
        label = _LABEL.match(text, start)
        return label if label and (start == 0 or _SURE_LABEL.match(label[0])) else None
    for piece in _PIECES:
        match = piece.match(text, start)
        if match:
            return match
    return None


def ends_in_question_mark(text: str) -> bool:
    """Whether a text ends in "?"; quotes, brackets and emphasis may follow."""
    return text[-1:] == "?" or ("?" in text[-6:] and text.rstrip("\"'”’»)]*_ ").endswith("?"))


def is_item(shape: str) -> bool:
    """Whether a line with this opening can be an item of a list: a bullet or a number."""
    return bool(shape) and _ITEM.match(shape) is not None


MANY = 3  # a habit needs as many lines
MOST = 0.5  # of the lines that carry a marker end in "?"


class Page:
    """What is true of a document as a whole; read once, asked by every line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = read_lines(text)
        asking = [ends_in_question_mark(line.text) for line in self.lines]
        self.contents = self._find_contents(asking)
        body = [(line, asks) for index, (line, asks) in enumerate(zip(self.lines, asking, strict=True)) if index not in self.contents]
        carried = Counter(line.shape for line, _ in body)
        asked = Counter(line.shape for line, asks in body if asks)
        self.markers = frozenset(
            shape
            for shape, count in carried.items()
            if shape
            and (_QUESTION_LABEL.match(shape) or (asked[shape] >= MANY and asked[shape] >= MOST * carried[shape]))
        )
        whole = sum(asked.values())
        glued = sum(self._is_glued(line) for line, asks in body if not asks)
        marked = sum(count for shape, count in asked.items() if shape in self.markers)
        self.is_glued = glued >= MANY and glued >= 0.3 * (whole + glued)
        self.is_marked_throughout = marked >= 5 and marked >= 0.9 * (whole + glued)
        self.is_wrapped = self._is_wrapped()

    def _find_contents(self, asking: list[bool]) -> frozenset[int]:
        """Where tables of contents stand: runs of lines that ask, most of which come again further down."""
        runs: list[list[int]] = []
        for index, (line, asks) in enumerate(zip(self.lines, asking, strict=True)):
            is_adjacent = bool(runs) and runs[-1][-1] == index - 1 and not line.gap
            if is_adjacent and (asks or (line.shape and line.shape == self.lines[index - 1].shape)):
                runs[-1].append(index)
            elif asks:
                runs.append([index])
        keys = Counter(self._body_key(index) for run in runs for index in run) if any(len(r) >= MANY for r in runs) else {}
        contents: set[int] = set()
        for run in runs:
            again = sum(keys[self._body_key(index)] > 1 for index in run) if len(run) >= MANY else 0
            if again and again >= 0.6 * len(run):
                contents.update(run)
        return frozenset(contents)

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


def asks(text: str) -> bool:
    """Whether a text opens with a word that questions open with.

    >>> asks("Can I drive?"), asks("You can drive.")
    (True, False)
    """
    word = _FIRST_WORD.match(text)
    return word is not None and word[1].lower() in _ASKING


# ---------------------------------------------------------------- parts of the page

_URL = re.compile(r"(?:https?://|www\.)\S+$|(?:[\w-]+\.)+(?:com|org|net|gov|edu|info|io|uk|de|eu|int)(?:/\S*)?$")
_TRAIL = re.compile(r"[^?!]{1,60}(?:\s*[›»→>]\s*[^?!›»→>]{1,60}){1,6}$")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_UI = _set(
    """share print email tweet pin save back skip read show see view load expand collapse close menu login sign log
    subscribe advertisement advertisements sponsored feedback next previous prev home top main content contents more
    less all page this link copy download pdf listen comments reply like facebook twitter linkedin whatsapp pinterest
    site map sitemap privacy policy terms use conditions contact us follow cookie cookies settings accept article
    navigation search click here yes no helpful bookmark on in to the a an of by up out and or your at not
    newsletter register account cart toggle open report full text version add favorites give go story
    continue reading jump return"""
)
_UI_CORE = _set(
    """share print email tweet pin skip read show view load expand collapse close menu login sign log subscribe
    advertisement advertisements sponsored feedback next previous prev home back sitemap privacy terms contact follow
    cookie cookies copy download listen comments reply facebook twitter linkedin whatsapp pinterest navigation search
    click bookmark newsletter register toggle continue return jump site"""
)
_HELPFUL = re.compile(
    r"\b(?:was|is|were|did|do|does|has|have|rate|found)\b.{0,40}"
    r"\b(?:helpful|useful|helped|help you|answer your question|what you (?:needed|were looking for|wanted))\b",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:page |content |article |medically |clinically |date )?(?:last |first )?"
    r"(?:reviewed|updated|modified|published|posted|revised|written|edited|checked)(?: by| on)?\b(?=.{0,80}$)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"©|\(c\)\s*(?:19|20)\d\d|copyright\b.{0,30}\d{4}|all rights reserved", re.IGNORECASE)
_SEARCH = re.compile(r"(?:people also )?search(?:ed|es)?(?: results)?\s+for\b", re.IGNORECASE)
_STILL = re.compile(
    r"(?:still have|have (?:a|any|more)|got|more|any (?:other|more))\s.{0,12}\bquestions?\?", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W_]+")


def is_furniture(text: str) -> bool:
    """Whether a line has the shape of a page part: a link, a trail, a button, a date stamp, a feedback box.

    >>> [is_furniture(t) for t in ("Back to top", "Was this helpful? Yes No", "example.org › health", "Take a rest.")]
    [True, True, True, False]
    """
    if len(text) > 160:
        return bool(_SEARCH.match(text))
    if _URL.match(text) or _TRAIL.match(text):
        return True
    if _SEARCH.match(text) or _STAMP.match(text) or _COPYRIGHT.search(text):
        return True
    if ("?" in text or "help" in text) and len(text) < 80 and (_HELPFUL.match(text) or _STILL.match(text)):
        return True
    return len(text) < 50 and is_button(text)


def is_button(text: str) -> bool:
    words = _WORDS.findall(text.lower())
    return 0 < len(words) <= 7 and text[-1] not in ".:;" and _UI.issuperset(words) and not _UI_CORE.isdisjoint(words)


# ---------------------------------------------------------------- section titles

_SECTION = _set(
    """about the a an of and or for with in on to your our it this general common frequently asked other more further
    key basic basics faq faqs question questions answer answers overview introduction summary background information
    info facts treatment treatments therapy therapies diagnosis symptoms symptom signs causes cause prevention
    condition conditions disease diseases disorder living people also ask page contents content table index topics
    topic related resources references reading links help support research studies risk risks factors outlook
    prognosis complications tests testing exams care management medications medicines drugs surgery side effects what
    who how when why section part jump getting started quick guide know need at glance coping daily life after before
    during types stages stage genetics inheritance epidemiology statistics glossary terms sources see notes"""
)
_SECTION_SMALL = _set("the a an of and or for with in on to your our it this at what who how when why")


def is_section_title(text: str) -> bool:
    """Whether a line is a title made of the words that sections are called by.

    >>> [is_section_title(t) for t in ("Living With It", "Frequently Asked Questions", "Crutches")]
    [True, True, False]
    """
    if len(text) > 70 or text[-1] in ".!?;,…":
        return False
    words = _WORDS.findall(text.lower())
    return 0 < len(words) <= 8 and _SECTION.issuperset(words) and not _SECTION_SMALL.issuperset(words)


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
