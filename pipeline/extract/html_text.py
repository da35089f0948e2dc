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
from functools import lru_cache
from typing import NamedTuple

from lxml.etree import HTMLParser

from pipeline.extract.html_tables import Cell, Table, render
from pipeline.parse.furniture import is_toggle
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.characters import with_plain_marks, without_surrogates


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
_MICRODATA = re.compile(r"\b(?:itemprop|typeof)\b", re.IGNORECASE)
_HIDING = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# Classes and ids of boxes around the text, and roles that say the same.
_AROUND_NAME = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|newsletter|subscribe|breadcrumbs?|pagination|pager|sidebar|related|share|"
    r"sharing|social|toc|cta|promo|advert(?:isement)?|ads?|feedback|helpful|popup)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SURELY_AROUND = re.compile("cookie|consent|gdpr|newsletter|breadcrumb|pagination|shar|social", re.IGNORECASE)
_AROUND_ROLES = frozenset({"dialog", "alertdialog", "navigation", "contentinfo", "search"})
# Classes of the titles and bodies of accordions, as page builders write them.
_ITEM = r"(?:accordion|toggle|collapse|collapsible|faqs?|panel|qa|tab)"
_CLASS_TITLE = re.compile(
    rf"(?:^|[\s_-])(?:{_ITEM}(?:[\w-]*[_-])?(?:title|header|heading|question|q|button|btn|trigger|label|summary|head)"
    r"|question(?:[_-](?:title|text))?)(?=\s|$)",
    re.IGNORECASE,
)
_CLASS_BODY = re.compile(
    rf"(?:^|[\s_-])(?:{_ITEM}(?:[\w-]*[_-])?(?:content|body|answer|a|panel|text|pane|inner|desc|description)"
    r"|answer(?:[_-](?:body|text|content))?)(?=\s|$)",
    re.IGNORECASE,
)
_CLASSES = re.compile("accordion|toggle|collaps|faq|panel|qa|tab|question|answer", re.IGNORECASE)  # every match has one
# Elements that a page does not show, or shows one line of.
_UNSEEN = _set("noscript template svg select datalist math")
_UNSEEN_END = re.compile(r"</(noscript|template|svg|select|datalist|math)\b", re.IGNORECASE)
# Fields of a form that part the words before and after them.
_FIELDS = _set("text email password search tel url number date")
# Elements whose content is no part of the text; that of a JSON-LD script is read apart.
_RAW = _set("script style title textarea iframe noembed noframes xmp")


class Titled(NamedTuple):
    """A title and its body, as the markup marks them.

    `kind` is 'microdata', 'details', 'dl', 'table', 'accordion' (a button that controls a panel) or 'classes'.
    """

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

    `headings` are (start, end, level), `furniture` the spans of menus and footers, `around` of boxes that may be some
    (and whether their name leaves no doubt),
    `links` (start, end, address), `tables` the spans of tables of figures and of code, `scripts` its JSON-LD blocks,
    `data` the data of applications in JSON, `programs` its other scripts that may hold such data, `canonical` its own
    address if the page names one.
    """

    text: str = ""
    titled: list[Titled] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    headings: list[tuple[int, int, int]] = field(default_factory=list)
    furniture: list[tuple[int, int]] = field(default_factory=list)
    around: list[tuple[int, int, bool]] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)
    tables: list[tuple[int, int]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
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
    """An open element: its name, its role, the offset of its text, and what else is noted where it ends.

    `controls`: the id of the panel that it opens. `panel`: the title of the panel that it is. `is_around`: it is a box
    around the text, `is_sure` where its name leaves no doubt.
    """

    name: str
    role: str
    start: int
    controls: str = ""
    panel: tuple[int, int] | None = None
    is_around: bool = False
    is_sure: bool = False


class _Inline:
    """An open element within a line that is a link, or a button that controls a panel."""

    __slots__ = ("controls", "href", "name", "nested", "start")

    def __init__(self, name: str, href: str, controls: str, start: int) -> None:
        self.name, self.href, self.controls, self.start = name, href, controls, start
        self.nested = 0


class _OpenTable:
    """An open table: where its text begins, how much was noted before it, and its cells."""

    __slots__ = ("cell", "has_inner", "in_head", "length", "noted", "piece", "table")

    def __init__(self, piece: int, length: int, noted: int) -> None:
        self.piece, self.length, self.noted = piece, length, noted
        self.table = Table()
        self.in_head = self.has_inner = False
        self.cell: tuple[int, bool, int, int] | None = None  # first piece, is a header, columns, rows


_Part = tuple[int, int] | str  # a span of the text, or text that is not on the page


@dataclass(slots=True)
class _Question:
    """A question in microdata, while it is read."""

    name: _Part | None = None
    answers: list[_Part] = field(default_factory=list)


_TABLE_PARTS = _set("table thead tr td th caption")


def _span(value: str) -> int:
    """How many columns or rows a cell covers."""
    return int(value) if re.fullmatch(r"[1-9]\d{0,3}", value) else 1


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether a page does not show an element."""
    if "hidden" in attributes:
        return True
    return "style" in attributes and _HIDING.search(attributes["style"]) is not None


def _controls(attributes: Mapping[str, str]) -> str:
    """The id of the panel that a button opens, '' if it is no such button."""
    if attributes.get("role", "") == "tab" and "aria-expanded" not in attributes:
        return ""
    if "aria-expanded" in attributes and attributes.get("aria-controls"):
        return attributes["aria-controls"].split()[0] if attributes["aria-controls"].split() else ""
    toggle = attributes.get("data-bs-toggle", attributes.get("data-toggle", ""))
    if toggle == "collapse":
        target = attributes.get("data-bs-target") or attributes.get("data-target") or attributes.get("href", "")
        return target.lstrip("#")
    return ""


class _Named(NamedTuple):
    """What the classes and the id of an element say: its role in an accordion, and whether it is around the text."""

    role: str
    is_around: bool
    is_sure: bool


@lru_cache(maxsize=1024)  # a page repeats few classes many times
def _named(classes: str, own_id: str) -> _Named:
    role = ""
    if _CLASSES.search(classes):
        role = "class title" if _CLASS_TITLE.search(classes) else "class body" if _CLASS_BODY.search(classes) else ""
    box = _AROUND_NAME.search(f"{classes} {own_id}")
    return _Named(role, box is not None, box is not None and _SURELY_AROUND.search(box[0]) is not None)


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether preformatted text is an example in a page: it asks nothing and is not most of the page."""
    return end - start < LARGE_EXAMPLE * len(text) and re.search(r"\?\s*$", text[start:end], re.MULTILINE) is None


LARGE_EXAMPLE = 0.4  # share of the text of a page; a page in plain text has more in one <pre>


def _without_spaces(text: str) -> str:
    return "".join(text.split())


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
        self.script: list[str] | None = None  # takes the text of an open script, if any
        self.inline: list[_Inline] = []
        self.decoration = ""  # name of an open element within a line that is there for the eye alone
        self.controlled: dict[str, tuple[int, int]] = {}  # by the id of a panel: its title
        self.class_title: tuple[int, int] | None = None
        self.open_tables: list[_OpenTable] = []
        self.has_code = False  # in the open <pre>
        self.preformatted: list[tuple[int, int, bool]] = []  # spans, and whether they are code

    # -- events

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.hidden or name in self.hidden_names:
            self.hidden += 1
            if name == "script":
                self.script = self._script(attributes)
            return
        if attributes and _is_hidden(attributes) and not self._is_opened(attributes):
            self.hidden = 1
            return
        if name == "br":
            if self._is_in_title():
                self.lines.has_space = True
            else:
                self.lines.breaks = min(self.lines.breaks + 1, 2)
                self.lines.has_space = False
        if name == "input" and attributes.get("type", "text").lower() in _FIELDS:
            self.lines.break_line()
        if name == "code" and self.opened["pre"]:
            self.has_code = True
        if name in self.unread:
            if attributes:
                self._start_inline(name, attributes)
            elif self.inline and self.inline[-1].name == name:
                self.inline[-1].nested += 1
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
        self.stack.append(
            self._open(name, role, attributes)
            if attributes or name == "aside"
            else _Open(name, role, self.lines.length)
        )
        self.opened[name] += 1
        self._enter(name, role)
        if name in _TABLE_PARTS:
            self._start_table_part(name, attributes)

    def data(self, text: str) -> None:
        if self.script is not None:
            self.script[-1] += text
        elif self.hidden:
            return
        elif self.opened["pre"]:
            self.lines.write_lines(text)
        elif self.decoration and is_toggle(text.strip()):
            self.lines.has_space = True
        else:
            self.lines.write(text)

    def end(self, name: str) -> None:
        if self.hidden:
            self.hidden -= 1
            self.script = None
        elif name in self.unread:
            if name == self.decoration:
                self.decoration = ""
            if self.inline and self.inline[-1].name == name:
                self._end_inline()
        else:
            element = self.stack.pop()
            self.opened[name] -= 1
            if name in _TABLE_PARTS:
                self._end_table_part(name)
            self._leave(element)
            if name in _FURNITURE and not any(self.opened[around] for around in _FURNITURE):
                self.reading.furniture.append((element.start, self.lines.length))

    def close(self) -> Reading:
        text = self.reading.text = "".join(self.lines.pieces)
        for parts in self.loose:
            question, answer = (part if isinstance(part, str) else text[slice(*part)].strip() for part in parts)
            self.reading.loose.append(Loose(question, answer))
        code = [(start, end) for start, end, is_code in self.preformatted if is_code or _is_code(text, start, end)]
        self.reading.tables = sorted([*self.reading.tables, *code])
        return self.reading

    # -- scripts, hidden elements, links and buttons

    def _script(self, attributes: Mapping[str, str]) -> list[str] | None:
        """Where the text of a script goes: its JSON-LD, the data of its application, or a program of the page."""
        kind = attributes.get("type", "").lower()
        if "ld+json" in kind:
            texts = self.reading.scripts
        elif attributes.get("id", "") in ("__NEXT_DATA__", "__NUXT_DATA__") or kind == "application/json":
            texts = self.reading.data
        elif "src" not in attributes and (not kind or "javascript" in kind):
            texts = self.reading.programs
        else:
            return None
        texts.append("")
        return texts

    def _is_opened(self, attributes: Mapping[str, str]) -> bool:
        """Whether a hidden element is one that a reader opens: its button controls it, or a question is above it."""
        if attributes.get("id", "") in self.controlled:
            return True
        lines = "".join(self.lines.pieces[-4:]).rstrip().rsplit("\n", 3)
        while len(lines) > 1 and (not lines[-1].strip() or is_toggle(lines[-1].strip())):
            lines.pop()
        return ends_in_question_mark(with_plain_marks(lines[-1].strip()))

    def _is_in_title(self) -> bool:
        """Whether the text so far ends within a heading, whose lines are one title, but not behind a question."""
        if not self.stack or self.stack[-1].name not in _HEADINGS or self.lines.length == self.stack[-1].start:
            return False
        return not ends_in_question_mark(with_plain_marks(self.lines.pieces[-1].rstrip()))

    def _start_inline(self, name: str, attributes: Mapping[str, str]) -> None:
        is_anchor = name == "a" and self.stack and self.stack[-1].name in _HEADINGS
        if attributes.get("aria-hidden") == "true" or (is_anchor and attributes.get("href", "").startswith("#")):
            self.decoration = name
        if _ICON.search(attributes.get("class", "")):
            self.hidden = 1
            return
        controls = _controls(attributes)
        href = attributes.get("href", "").strip() if name == "a" else ""
        if href and self.reading.links and self.reading.links[-1][1] == self.lines.length:
            self.lines.has_space = True  # two links side by side are no word
        if controls or href:
            self.inline.append(_Inline(name, href, controls, self.lines.length))
        elif self.inline and self.inline[-1].name == name:
            self.inline[-1].nested += 1

    def _end_inline(self) -> None:
        element = self.inline[-1]
        if element.nested:
            element.nested -= 1
            return
        self.inline.pop()
        span = (element.start, self.lines.length)
        if element.controls:
            self._control(element.controls, span)
        if element.href and span[0] < span[1]:
            self.reading.links.append((*span, element.href))

    def _control(self, panel: str, title: tuple[int, int]) -> None:
        if title[0] < title[1] and not any(self.opened[name] for name in _AROUND):
            self.controlled[panel] = title

    def _open(self, name: str, role: str, attributes: Mapping[str, str]) -> _Open:
        """An open element with attributes."""
        classes, own_id = attributes.get("class", ""), attributes.get("id", "")
        is_around = name == "aside" or attributes.get("role", "") in _AROUND_ROLES
        is_sure = False
        if classes or own_id:
            named = _named(classes[:200], own_id[:60])
            if not role and named.role:
                role = named.role
                self.lines.break_line()
            is_around, is_sure = is_around or named.is_around, named.is_sure
        panel = self.controlled.pop(attributes["id"], None) if "id" in attributes else None
        if panel is not None:
            self.lines.break_line()
        return _Open(name, role, self.lines.length, _controls(attributes), panel, is_around, is_sure)

    # -- tables

    def _start_table_part(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table":
            for table in self.open_tables[-1:]:
                table.has_inner = True
            self.open_tables.append(_OpenTable(len(self.lines.pieces), self.lines.length, self._noted()))
            if self.lines.marker:
                self.open_tables[-1].has_inner = True
        elif not self.open_tables:
            return
        elif name == "thead":
            self.open_tables[-1].in_head = True
        elif name == "tr":
            self.open_tables[-1].table.rows.append(([], self.open_tables[-1].in_head))
        elif name in ("td", "th"):
            columns, rows = (_span(attributes.get(key, "1")) for key in ("colspan", "rowspan"))
            self.open_tables[-1].cell = (len(self.lines.pieces), name == "th", columns, rows)
        elif name == "caption":
            self.open_tables[-1].cell = (len(self.lines.pieces), False, 1, 1)

    def _end_table_part(self, name: str) -> None:
        if not self.open_tables:
            return
        table = self.open_tables[-1]
        if name == "table":
            self._write_table(self.open_tables.pop())
        elif name == "thead":
            table.in_head = False
        elif name in ("td", "th", "caption") and table.cell is not None:
            piece, is_header, columns, rows = table.cell
            text = "".join(self.lines.pieces[piece:]).strip()
            table.cell = None
            if name == "caption":
                table.table.caption = text
            elif table.table.rows:
                table.table.rows[-1][0].append(Cell(text, is_header, columns, rows))

    def _noted(self) -> int:
        """How many headings and pairs were noted so far."""
        return len(self.reading.headings) + len(self.reading.titled) + len(self.loose)

    def _write_table(self, table: _OpenTable) -> None:
        """Write a table of figures, or of questions and answers, as lines in place of its text."""
        if table.has_inner or table.noted != self._noted() or self.questions:
            return
        rendered = render(table.table)
        old = "".join(self.lines.pieces[table.piece :])
        if rendered is None or _without_spaces(old) != _without_spaces(table.table.text):
            return  # a table whose text is not all in its cells would lose some
        lead = "\n" * (len(old) - len(old.lstrip("\n"))) if table.length else ""
        self.lines.pieces[table.piece :] = [lead, rendered.text]
        self.lines.length = table.length + len(lead) + len(rendered.text)
        start = table.length + len(lead)
        reading = self.reading
        reading.links = [link for link in reading.links if link[0] < table.length]
        reading.around = [span for span in reading.around if span[0] < table.length]
        self.preformatted = [span for span in self.preformatted if span[0] < table.length]
        if not rendered.pairs:
            reading.tables.append((start, self.lines.length))
        elif rendered.header[1]:
            reading.furniture.append((start + rendered.header[0], start + rendered.header[1]))
        for first, end, answer, stop in rendered.pairs:
            body = (start + answer, start + stop) if answer < stop else None
            reading.titled.append(Titled("table", (start + first, start + end), body))

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
        kind = attributes.get("itemtype", "") or attributes.get("typeof", "")
        if kind and re.split("[/:#]", kind.rstrip("/"))[-1] == "Question":
            return "question"
        if not self.questions:
            return ""
        properties = (attributes.get("itemprop", "") or attributes.get("property", "")).split()
        properties = [name.rpartition(":")[2] for name in properties]
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
        if name == "pre":
            self.has_code = False
        elif name == "details":
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
        if element.controls:
            self._control(element.controls, span)
        if element.panel is not None and span[0] < span[1] and not self.opened["nav"] and element.name not in _LISTS:
            self.reading.titled.append(Titled("accordion", element.panel, span))
        if element.name == "pre" and span[0] < span[1]:
            self.preformatted.append((*span, self.has_code))
        if element.is_around and span[0] < span[1]:
            self.reading.around.append((*span, element.is_sure))
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
        elif role == "class title":
            has_pair = bool(self.reading.titled) and self.reading.titled[-1].title[0] >= span[0]
            self.class_title = span if span[0] < span[1] and not has_pair else None
        elif role == "class body":
            self._add_class_body(span)
        elif role == "summary" and self.summaries:
            self.summaries[-1] = self.summaries[-1] or span
        elif role == "dt" and self.terms:
            self.terms[-1] = span
        elif role == "dd" and self.terms and self.terms[-1] is not None:
            self._add_definition(self.terms[-1], span)

    def _add_class_body(self, span: tuple[int, int]) -> None:
        """A body after a title; a body around the last one replaces it."""
        titled = self.reading.titled
        if self.class_title is not None and span[0] >= self.class_title[1] and span[0] < span[1]:
            titled.append(Titled("classes", self.class_title, span))
            self.class_title = None
            return
        last = titled[-1] if titled else None
        if last is None or last.kind != "classes" or last.body is None:
            return
        if last.title[1] <= span[0] <= last.body[0] and last.body[1] <= span[1]:
            titled[-1] = last._replace(body=span)

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
