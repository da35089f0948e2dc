"""What the lines of one page look like: where they lie, which markers they carry, which are parts of the page.

Nothing here knows what stands before or after a line; `pipeline.parse` does. A marker is learned from the page itself:
whatever opens most of its questions ("Q:", "##", "»", "Frage 3:", "[Q]") is the page's question marker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.clean import mend

# ---------------------------------------------------------------- lines


class Line(NamedTuple):
    """A line that is not blank: `start` to `end` in the document, without its line end; `text` is mended and bare."""

    number: int
    start: int
    end: int
    text: str
    is_after_gap: bool


_SOMETHING = re.compile(r"[^\s\u200b\ufeff]")


def read_lines(text: str) -> list[Line]:
    """The lines of a document that are not blank, in order. A line ends at LF or CRLF only."""
    lines = []
    start = 0
    is_after_gap = True
    for number, raw in enumerate(text.split("\n"), 1):
        bare = raw.strip()
        if bare and (bare[0] not in "\u200b\ufeff" or _SOMETHING.search(bare)):
            if not bare.isascii() or "&" in bare:
                bare = mend(bare).strip()
            end = start + len(raw) - (raw[-1] == "\r")
            lines.append(Line(number, start, end, bare, is_after_gap))
            is_after_gap = False
        else:
            is_after_gap = True
        start += len(raw) + 1
    return lines


# ---------------------------------------------------------------- markers

_HEADING_MARK = re.compile(r"#{1,6}(?:\s+|(?=\w))|>\s+")
_EMPHASIS = re.compile(r"\*\*|__")
_BRACKETED = re.compile(r"[\[(<{【]\s?(?:[^\W\d_]{1,12}\s?)?[#№]?\d{0,4}\s?[\])>}】]\s?[:.\-–—]?\s*")
_NUMBER = re.compile(r"[#№]?\d{1,4}(?:\.\d{1,3}){0,3}\s?[.):\-–—]+(?=\s)\s+")
_LABEL = re.compile(r"[^\W\d_]{1,12}\.?\s?(?:[Nn][or]\.?\s?|[#№]\s?)?\d{0,4}\s?[.:)\]|\-–—]+\s*(?=\S)")
_BARE_LABEL = re.compile(r"Q\s+(?=[A-Z])")
_SYMBOL = re.compile(r"[-*+.~|=–—−·](?=\s)\s+|[^\w\s\"'“”‘’«¿¡(\[{<$€£#*&%@/\\.,;:!?+=~|–—−·-]{1,3}\s*")
_PIECES = (_HEADING_MARK, _EMPHASIS, _BRACKETED, _NUMBER, _LABEL, _BARE_LABEL, _SYMBOL)
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_KNOWN_QUESTION = re.compile(r"(?:#+|\*\*|__|[-*•])?(?:Q|Question|FAQ)(?:#?9)?[.:)\]|\-–—]+$", re.IGNORECASE)
_ALWAYS = re.compile(r"(?:#+|\*\*|__|[-*•+–−▸·]|9(?:\.9)*[.):\-–—]+)+$")


class Opening(NamedTuple):
    """What opens a line before its words: `end` of it in the text, and its shape, with numbers as 9 ("Frage9:")."""

    end: int
    shape: str


def opening(text: str) -> Opening:
    """
    >>> opening("Frage 3: Was ist Asthma?")
    Opening(end=9, shape='Frage9:')
    >>> opening("### 1. What is asthma?")
    Opening(end=7, shape='###9.')
    >>> opening("What is asthma?")
    Opening(end=0, shape='')
    """
    end = 0
    for _ in range(4):
        for piece in _PIECES:
            match = piece.match(text, end)
            if match and match.end() < len(text):
                end = match.end()
                break
        else:
            break
    return Opening(end, _SPACES.sub("", _DIGITS.sub("9", text[:end]))) if end else NO_OPENING


NO_OPENING = Opening(0, "")


def ends_in_question_mark(text: str) -> bool:
    """Whether a line ends in "?"; quotes, brackets and emphasis may follow."""
    return text[-1:] == "?" or ("?" in text[-6:] and text.rstrip("\"'”’»)]*_ ").endswith("?"))


def learn_markers(lines: Iterable[Line]) -> frozenset[str]:
    """The shapes of openings that mark a question on this page."""
    asked: Counter[str] = Counter()
    carried: Counter[str] = Counter()
    for line in lines:
        shape = opening(line.text).shape
        if shape:
            carried[shape] += 1
            asked[shape] += ends_in_question_mark(line.text)
    return frozenset(
        shape
        for shape, count in asked.items()
        if _KNOWN_QUESTION.match(shape) or (count >= 3 and count >= 0.5 * carried[shape])
    )


def learn_answer_markers(lines: Iterable[Line]) -> frozenset[str]:
    carried: Counter[str] = Counter()
    for line in lines:
        shape = opening(line.text).shape
        if shape:
            carried[shape] += 1
    return frozenset(carried)


def marker_length(text: str, markers: frozenset[str]) -> int:
    """How many characters of the line are its question marker."""
    end, shape = opening(text)
    return end if shape and (shape in markers or _ALWAYS.match(shape) or _KNOWN_QUESTION.match(shape)) else 0


# ---------------------------------------------------------------- parts of the page

_URL = re.compile(r"(?:https?://|www\.)\S+$|(?:[\w-]+\.)+(?:com|org|net|gov|edu|info|io|uk|de|eu|int)(?:/\S*)?$")
_TRAIL = re.compile(r"[^?!]{1,60}(?:\s*[›»→>]\s*[^?!›»→>]{1,60}){1,6}$")
_UI = frozenset(
    ["share", "print", "email", "tweet", "pin", "save", "back", "skip", "read", "show", "see", "view", "load", "expand", "collapse", "close", "menu", "login", "sign", "log", "subscribe", "advertisement", "advertisements", "sponsored", "feedback", "next", "previous", "prev", "home", "top", "main", "content", "contents", "more", "less", "all", "page", "this", "link", "copy", "download", "pdf", "listen", "comments", "reply", "like", "facebook", "twitter", "linkedin", "whatsapp", "pinterest", "site", "map", "sitemap", "privacy", "policy", "terms", "use", "conditions", "contact", "us", "follow", "cookie", "cookies", "settings", "accept", "article", "navigation", "search", "click", "here", "yes", "no", "helpful", "bookmark", "on", "in", "to", "the", "a", "an", "of", "by", "up", "out", "and", "or", "your", "at", "not", "newsletter", "register", "account", "cart", "toggle", "open", "report", "full", "text", "version", "add", "favorites", "give", "go", "full", "story", "continue", "reading", "jump", "return"]
)
_UI_CORE = frozenset(
    ["share", "print", "email", "tweet", "pin", "skip", "read", "show", "view", "load", "expand", "collapse", "close", "menu", "login", "sign", "log", "subscribe", "advertisement", "advertisements", "sponsored", "feedback", "next", "previous", "prev", "home", "back", "sitemap", "privacy", "terms", "contact", "follow", "cookie", "cookies", "copy", "download", "listen", "comments", "reply", "facebook", "twitter", "linkedin", "whatsapp", "pinterest", "navigation", "search", "click", "bookmark", "newsletter", "register", "toggle", "continue", "return", "jump", "site"]
)
_HELPFUL = re.compile(
    r"\b(?:was|is|were|did|do|does|has|have|rate|found)\b.{0,40}\b(?:helpful|useful|helped|help you|answer your question|what you (?:needed|were looking for|wanted))\b",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:page |content |article |medically |clinically |date )?(?:last |first )?"
    r"(?:reviewed|updated|modified|published|posted|revised|written|edited|checked)(?: by| on)?\b(?=.{0,80}$)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"©|\(c\)\s*(?:19|20)\d\d|copyright\b.{0,30}\d{4}|all rights reserved", re.IGNORECASE)
_SEARCH = re.compile(r"(?:people also )?search(?:ed|es)?(?: results)? for\b", re.IGNORECASE)
_STILL = re.compile(r"(?:still have|have (?:a|any|more)|got|more|any (?:other|more))\s.{0,12}\bquestions?\?", re.IGNORECASE)
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
    if "?" in text or "help" in text:
        if len(text) < 80 and (_HELPFUL.match(text) or _STILL.match(text)):
            return True
    return len(text) < 50 and is_button(text)


def is_button(text: str) -> bool:
    words = _WORDS.findall(text.lower())
    return 0 < len(words) <= 7 and text[-1] not in ".:;" and _UI.issuperset(words) and not _UI_CORE.isdisjoint(words)


# ---------------------------------------------------------------- section titles

_SECTION = frozenset(
    ["about", "the", "a", "an", "of", "and", "or", "for", "with", "in", "on", "to", "your", "our", "it", "this", "general", "common", "frequently", "asked", "other", "more", "further", "key", "basic", "basics", "faq", "faqs", "question", "questions", "answer", "answers", "overview", "introduction", "summary", "background", "information", "info", "facts", "treatment", "treatments", "therapy", "therapies", "diagnosis", "symptoms", "symptom", "signs", "causes", "cause", "prevention", "condition", "conditions", "disease", "diseases", "disorder", "living", "people", "also", "ask", "page", "contents", "content", "table", "index", "topics", "topic", "related", "resources", "references", "reading", "links", "help", "support", "research", "studies", "risk", "risks", "factors", "outlook", "prognosis", "complications", "tests", "testing", "exams", "care", "management", "medications", "medicines", "drugs", "surgery", "side", "effects", "what", "who", "how", "when", "why", "section", "part", "jump", "getting", "started", "quick", "guide", "know", "need", "at", "glance", "coping", "daily", "life", "after", "before", "during", "types", "stages", "stage", "genetics", "inheritance", "epidemiology", "statistics", "glossary", "terms", "sources", "see", "notes"]
)
_SECTION_SMALL = frozenset(["the", "a", "an", "of", "and", "or", "for", "with", "in", "on", "to", "your", "our", "it", "this", "at", "what", "who", "how", "when", "why"])


def is_section_title(text: str) -> bool:
    """Whether a line is a title made of the words that sections are called by.

    >>> [is_section_title(t) for t in ("Living With It", "Frequently Asked Questions", "Crutches")]
    [True, True, False]
    """
    if len(text) > 70 or text[-1] in ".!?;,…":
        return False
    words = _WORDS.findall(text.lower())
    return 0 < len(words) <= 8 and _SECTION.issuperset(words) and not _SECTION_SMALL.issuperset(words)
