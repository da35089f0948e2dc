"""Reads the visible text of a web page line by line, and finds the questions and answers that its markup marks.

Lines are those of a browser: block elements begin on lines of their own, white space collapses, and a margin becomes an
empty line. List items begin with their bullet or number.

lxml reads the tags and reports them as events. No tree is built: building one is quadratic on hostile pages (Lexbor,
selectolax 1.0.2, takes 15 s for 80,000 nested <div>, 400 KB; as events they take .4 s).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.etree import HTMLParser

from pipeline.text.encoding import without_surrogates


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# https://html.spec.whatwg.org/#rendering: elements on lines of their own, and those of them with a margin.
_BLOCKS = _set(
    """address article aside blockquote body button center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol optgroup option p pre
    search section summary table caption tbody thead tfoot tr ul"""
)
_WITH_MARGIN = _set("p h1 h2 h3 h4 h5 h6 hr blockquote pre figure dl table")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = _set("ul ol menu dir")
# Classes of elements whose text is the name of a picture.
_ICON = re.compile(r"\b(?:material-icons|material-symbols|icon|glyphicon|fa[srlb]?)(?:\b|-)")
# Parts around the text: a heading in them is none of its sections.
_AROUND = _set("nav footer aside header form")
_FURNITURE = _set("nav footer")
# Elements within lines, which mark nothing; half the tags of a page.
_INLINE = _set("a abbr b big br cite code em font i img input label mark q s small span strike strong sub sup tt u var")
_MICRODATA = re.compile(r"\bitemprop\b", re.IGNORECASE)
# Elements that a page does not show, or shows one line of.
_UNSEEN = _set("noscript template svg select datalist math")
_UNSEEN_END = re.compile(r"</(noscript|template|svg|select|datalist|math)\b", re.IGNORECASE)
# Elements whose content is no part of the text; that of a JSON-LD script is read apart.
_RAW = _set("script style title textarea iframe noembed noframes xmp")


class Titled(NamedTuple):
    """A title and its body, as the markup marks them: kind is 'microdata', 'details' or 'dl'."""

    kind: str
    title: tuple[int, int]
    body: tuple[int, int] | None


class Loose(NamedTuple):
    """A question and its answer that are not in the text of the page: they are in attributes or in a script."""

    question: str
    answer: str


@dataclass(slots=True)
class Reading:
    """The text of a page, and what its markup says about it.

    `headings` are (start, end, level), `furniture` the spans of menus and footers, `scripts` its JSON-LD blocks,
    `canonical` its own address if the page names one.
    """

    text: str = ""
    titled: list[Titled] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    headings: list[tuple[int, int, int]] = field(default_factory=list)
    furniture: list[tuple[int, int]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    canonical: str | None = None


def read_page(page: str) -> Reading:
    """The visible text of a page, and what its markup says about it. Offsets count in the text."""
    parser = HTMLParser(target=_Reader(page), huge_tree=True)
    parser.feed(without_surrogates(page)[0])
    reading: Reading = parser.close()
    return reading


def visible_text(fragment: str) -> str:
    """The text of a piece of HTML, or of plain text, with its lines.

    >>> visible_text("<p>Yes.</p><ul><li>Rest<li>Drink &amp; eat</ul>")
    'Yes.\\n- Rest\\n- Drink & eat'
    """
    return read_page(fragment).text.strip("\n")


# ---------------------------------------------------------------- lines

_SPACES = re.compile(r"[ \t\n\r\f]+")
_OUTER = " \t\n\r\f"


class _Lines:
    """Text in pieces, with white space collapsed; a line end is written when more text follows."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.breaks = 0  # line ends to come before the next text
        self.has_space = False
        self.marker = ""  # of the list item that starts next

    def write(self, text: str) -> None:
        words = text.strip(_OUTER)
        if not words:
            self.has_space |= bool(text)
            return
        lead = "\n" * self.breaks if self.length else ""
        if not self.breaks and (self.has_space or text[0] in _OUTER) and self.length:
            lead = " "
        self._put(lead + self.marker + _SPACES.sub(" ", words))
        self.breaks, self.marker, self.has_space = 0, "", text[-1] in _OUTER

    def write_lines(self, text: str) -> None:
        """Text whose white space counts."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text:
            self._put(("\n" * self.breaks if self.length else "") + text)
            self.breaks, self.marker, self.has_space = 0, "", False

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def break_line(self, count: int = 1) -> None:
        self.breaks = max(self.breaks, count)
        self.has_space = False


# ---------------------------------------------------------------- elements


class _Open(NamedTuple):
    """An open element: its name, its role, and the offset of its text."""

    name: str
    role: str
    start: int


_Part = tuple[int, int] | str  # a span of the text, or text that is not on the page


@dataclass(slots=True)
class _Question:
    """A question in microdata, while it is read."""

    name: _Part | None = None
    answers: list[_Part] = field(default_factory=list)


class _Reader:
    """Takes the events of a page's parser: `start`, `data` and `end`, well nested, then `close`."""

    def __init__(self, page: str) -> None:
        self.lines = _Lines()
        self.reading = Reading()
        self.stack: list[_Open] = []
        self.opened: Counter[str] = Counter()  # open elements by name
        self.numbers: list[int] = []  # of the open lists: the next item's number, 0 for bullets
        self.questions: list[_Question] = []
        self.in_answer = 0  # open answers in microdata
        self.loose: list[tuple[_Part, _Part]] = []
        self.terms: list[tuple[int, int] | None] = []  # of the open definition lists: the last term
        self.summaries: list[tuple[int, int] | None] = []  # of the open details
        self.unread = frozenset({"br"}) if _MICRODATA.search(page) else _INLINE
        # An element that the page never closes hides nothing.
        self.hidden_names = _RAW | {name.lower() for name in _UNSEEN_END.findall(page)}
        self.hidden = 0  # open elements from the outermost hidden one inwards
        self.is_script = False  # whether it is a JSON-LD script

    # -- events

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.hidden or name in self.hidden_names:
            self.hidden += 1
            self.is_script = name == "script" and "ld+json" in attributes.get("type", "").lower()
            if self.is_script:
                self.reading.scripts.append("")
            return
        if name == "br":
            self.lines.breaks = min(self.lines.breaks + 1, 2)
            self.lines.has_space = False
        if name in self.unread:
            if attributes and _ICON.search(attributes.get("class", "")):
                self.hidden = 1
            return
        self._break(name)
        if name in ("td", "th"):
            self.lines.has_space = True
        if name in _LISTS:
            self._start_list(name, attributes)
        elif name == "li":
            self._start_item()
        role = self._role(name, attributes)
        if role or name in _HEADINGS:
            self.lines.marker = ""
        if role:
            self.lines.break_line()
        self.stack.append(_Open(name, role, self.lines.length))
        self.opened[name] += 1
        self._enter(name, role)

    def data(self, text: str) -> None:
        if self.is_script:
            self.reading.scripts[-1] += text
        elif self.hidden:
            return
        elif self.opened["pre"]:
            self.lines.write_lines(text)
        else:
            self.lines.write(text)

    def end(self, name: str) -> None:
        if self.hidden:
            self.hidden -= 1
            self.is_script = False
        elif name not in self.unread:
            element = self.stack.pop()
            self.opened[name] -= 1
            self._leave(element)
            if name in _FURNITURE and not any(self.opened[around] for around in _FURNITURE):
                self.reading.furniture.append((element.start, self.lines.length))

    def close(self) -> Reading:
        text = self.reading.text = "".join(self.lines.pieces)
        for parts in self.loose:
            question, answer = (part if isinstance(part, str) else text[slice(*part)].strip() for part in parts)
            self.reading.loose.append(Loose(question, answer))
        return self.reading

    # -- lines

    def _break(self, name: str) -> None:
        if name in _LISTS:
            self.lines.breaks = min(self.lines.breaks, 1)  # a list belongs to the line above it
        if name in _BLOCKS:
            self.lines.break_line(2 if name in _WITH_MARGIN and not self.lines.marker else 1)

    def _start_list(self, name: str, attributes: Mapping[str, str]) -> None:
        first = attributes.get("start", "1") if name == "ol" else "0"
        self.numbers.append(int(first) if re.fullmatch(r"\d{1,6}", first) else 1)
        self.lines.marker = ""

    def _start_item(self) -> None:
        number = self.numbers[-1] if self.numbers else 0
        self.lines.marker = f"{number}. " if number else "- "
        if number:
            self.numbers[-1] += 1

    # -- what the markup says

    def _role(self, name: str, attributes: Mapping[str, str]) -> str:
        """The role of an element: a part of a question in microdata, a summary, a term; '' for most."""
        if name in ("link", "meta"):
            self._note_meta(attributes)
        role = self._microdata(name, attributes) if attributes else ""
        return name if not role and name in ("summary", "dt", "dd") else role

    def _microdata(self, name: str, attributes: Mapping[str, str]) -> str:
        if attributes.get("itemtype", "").rstrip("/").endswith("/Question"):
            return "question"
        if not self.questions:
            return ""
        properties = attributes.get("itemprop", "").split()
        if "acceptedAnswer" in properties or "suggestedAnswer" in properties:
            return "answer"
        if "text" in properties and self.in_answer:
            return self._part(name, "answer text", attributes)
        if "name" in properties and not self.in_answer:
            return self._part(name, "name", attributes)
        return ""

    def _part(self, name: str, role: str, attributes: Mapping[str, str]) -> str:
        """The role of a part of a question, or '' when its text is in an attribute."""
        if name != "meta" and "content" not in attributes:
            return role
        self._note_part(role, visible_text(attributes.get("content", "")))
        return ""

    def _note_part(self, role: str, part: _Part) -> None:
        if not self.questions:
            return
        question = self.questions[-1]
        if role == "name":
            question.name = question.name or part
        elif question.answers:
            question.answers[-1] = part

    def _note_meta(self, attributes: Mapping[str, str]) -> None:
        is_canonical = "canonical" in attributes.get("rel", "").lower().split()
        is_own = is_canonical or attributes.get("property", "").lower() == "og:url"
        address = attributes.get("href", attributes.get("content", "")).strip()
        if is_own and self.reading.canonical is None and re.match(r"https?://[^\s/]", address):
            self.reading.canonical = address

    def _enter(self, name: str, role: str) -> None:
        if role == "question":
            self.questions.append(_Question())
        elif role == "answer":
            self.in_answer += 1
            self.questions[-1].answers.append("")
        if name == "details":
            self.summaries.append(None)
        elif name == "dl":
            self.terms.append(None)

    def _leave(self, element: _Open) -> None:
        """Record what an element held that ends here."""
        self._break(element.name)
        if element.name in _WITH_MARGIN:
            self.lines.break_line(2)
        span = (element.start, self.lines.length)
        if element.role:
            self.lines.break_line()
            self._leave_part(element.role, span)
        if element.name in _HEADINGS and span[0] < span[1] and not any(self.opened[name] for name in _AROUND):
            self.reading.headings.append((*span, _HEADINGS[element.name]))
        if element.name == "details":
            self._leave_details(span[1])
        elif element.name == "dl":
            self.terms.pop()
        elif element.name in _LISTS and self.numbers:
            self.numbers.pop()
            self.lines.marker = ""
        elif element.name == "li":
            self.lines.marker = ""

    def _leave_part(self, role: str, span: tuple[int, int]) -> None:
        if role == "question":
            self._add_question(self.questions.pop())
        elif role == "answer":
            self.in_answer -= 1
            if self.questions and self.questions[-1].answers and self.questions[-1].answers[-1] == "":
                self.questions[-1].answers[-1] = span
        elif role in ("name", "answer text"):
            self._note_part(role, span)
        elif role == "summary" and self.summaries:
            self.summaries[-1] = self.summaries[-1] or span
        elif role == "dt" and self.terms:
            self.terms[-1] = span
        elif role == "dd" and self.terms and self.terms[-1] is not None:
            self._add_definition(self.terms[-1], span)

    def _leave_details(self, end: int) -> None:
        summary = self.summaries.pop()
        if summary is not None:
            self.reading.titled.append(Titled("details", summary, (summary[1], end)))

    def _add_definition(self, term: tuple[int, int], span: tuple[int, int]) -> None:
        """A term with its definition; a second definition of the same term, also one inside it, extends the first."""
        last = self.reading.titled[-1] if self.reading.titled else None
        if last is not None and last.kind == "dl" and last.title == term and last.body is not None:
            self.reading.titled[-1] = Titled("dl", term, (min(last.body[0], span[0]), max(last.body[1], span[1])))
        else:
            self.reading.titled.append(Titled("dl", term, span))

    def _add_question(self, question: _Question) -> None:
        """Add a question of microdata: a pair per answer, as spans if both are on the page."""
        name, answers = question.name, question.answers
        if not name:
            return
        if isinstance(name, tuple) and not answers:
            self.reading.titled.append(Titled("microdata", name, None))
        for rank, answer in enumerate(answers):
            if isinstance(name, tuple) and isinstance(answer, tuple) and rank == 0 and name[1] <= answer[0]:
                self.reading.titled.append(Titled("microdata", name, answer))
            else:
                self.loose.append((name, answer))
