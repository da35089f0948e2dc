"""Reads a web page as a record: its visible text, the questions that its markup marks, and its address.

Markup that marks questions: schema.org in microdata and JSON-LD, <details>, <dl>. Everything else is found in the text,
whose headings are known.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.app_data import pairs_in_data, pairs_in_programs
from pipeline.extract.html_text import Loose, Reading, Titled, read_page
from pipeline.extract.jsonld import questions_in
from pipeline.extract.plain_text import not_text
from pipeline.extract.record import Flaw, Record
from pipeline.limits import LONG_TITLE, MOST_LINES
from pipeline.parse.furniture import is_button, is_furniture, is_toggle
from pipeline.parse.headings import Heading, is_box_title, is_framing_title, question_headings
from pipeline.parse.known import Known, Pair
from pipeline.parse.questions import asks, asks_without_mark, ends_in_question_mark
from pipeline.text.characters import with_plain_marks
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.encoding import declared_in_markup, decode, is_not_text
from pipeline.text.keys import question_key


def read_html(
    data: bytes,
    *,
    declared: str | None = None,
    named: str | None = None,
    number: int | None = None,
    source_url: str | None = None,
    fetched_at: datetime | None = None,
) -> Record | Flaw:
    """A page as a record. `declared` is the encoding its server names, `named` the one the user names for a page that
    says none; `source_url` counts before its own address.
    """
    decoded = decode(data, declared or declared_in_markup(data) or named)
    if is_not_text(decoded.text):
        return not_text(data, number)
    reading = read_page(decoded.text)
    text = reading.text
    own = [item for item in reading.titled if not _is_contents(text, item, reading.links)]
    apart = _apart(own)
    titled = [item for item in own if item not in apart] if apart else own
    pairs = _titled_pairs(text, titled, reading.tables)
    headings = _headings(text, reading.headings, pairs)
    furniture = _furniture(text, reading, pairs, headings)
    if apart:
        furniture += [span for item in apart for span in (item.title, item.body) if span is not None]
        moved = [(text[slice(*item.title)].strip(), text[slice(*(item.body or item.title))].strip()) for item in apart]
        text, pairs = _with_added(text, pairs, moved)
    loose = [*reading.loose, *(pair for script in reading.scripts for pair in questions_in(script))]
    loose += [pair for script in reading.data for pair in pairs_in_data(script)]
    loose += pairs_in_programs(reading.programs)
    if loose:
        text, pairs, added = _with_loose(text, pairs, loose)
        furniture += added
    return Record(
        text,
        decoded.encoding,
        decoded.is_certain,
        number,
        data,
        decoded.undecodable,
        known=Known(
            tuple(pairs),
            tuple((heading.start, heading.mark) for heading in headings),
            tuple(sorted(furniture)),
            tuple(reading.tables),
            is_article=True,
        ),
        source_url=source_url or reading.canonical,
        fetched_at=fetched_at,
    )


# ---------------------------------------------------------------- headings


class _Headline(NamedTuple):
    """A heading of the page: its span without white space, its level, and whether it is a question."""

    start: int
    end: int
    level: int
    is_question: bool

    @property
    def mark(self) -> str:
        """What marks it in Markdown, or as a question."""
        return "Q: " if self.is_question else "#" * self.level + " "


def _headings(text: str, found: Sequence[tuple[int, int, int]], pairs: Sequence[Pair]) -> list[_Headline]:
    """The headings of a page in order."""
    spans = sorted((*_bare(text, start, end), level) for start, end, level in found)
    starts = [pair.question_start for pair in pairs]
    headings = []
    for number, (start, end, level) in enumerate(spans, 1):
        after = spans[number][0] if number < len(spans) else len(text)
        at = bisect_left(starts, end)
        after = min(after, starts[at]) if at < len(starts) else after
        first = text[end : min(after, end + LONG_TITLE)].strip().split("\n", 1)[0]
        has_text = bool(first) and not ends_in_question_mark(with_plain_marks(first))  # else it titles a group
        headings.append(Heading(level, text[start:end], has_text))
    asking = question_headings(headings)
    return [_Headline(*span, is_one) for span, is_one in zip(spans, asking, strict=True)]


# ---------------------------------------------------------------- furniture

_OTHER_PAGE = re.compile(r"(?!#|javascript:|mailto:|tel:|data:)\S", re.IGNORECASE)
_LETTERED = re.compile(r"[-–•·*\d.)\s]*")
_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S+[.!…。]$")
LARGE_BOX = 0.4  # share of the text of a page; a box around the text has less


def _furniture(
    text: str, reading: Reading, pairs: Sequence[Pair], headings: Sequence[_Headline]
) -> list[tuple[int, int]]:
    """The menus, footers and boxes without a pair in them, and links to other pages that look like questions."""
    starts = [pair.question_start for pair in pairs]
    questions = [heading.start for heading in headings if heading.is_question]

    def has(offsets: Sequence[int], start: int, end: int) -> bool:
        return bisect_left(offsets, start) < bisect_left(offsets, end)

    found = [(start, end) for start, end in reading.furniture if not has(starts, start, end)]
    for start, end, is_sure in reading.around:
        if has(starts, start, end) or end - start > LARGE_BOX * len(text):
            continue
        if is_sure or not (has(questions, start, end) and _has_answer(text[start:end])):
            found.append((start, end))
    return [*found, *_question_links(text, reading, headings, starts)]


def _has_answer(part: str) -> bool:
    """Whether a sentence follows a line that asks."""
    lines = [line.strip() for line in part.split("\n") if line.strip()]
    return any(
        ends_in_question_mark(with_plain_marks(line)) and not is_box_title(line) and _SENTENCE.match(below) is not None
        for line, below in pairwise(lines)
    )


def _question_links(
    text: str, reading: Reading, headings: Sequence[_Headline], starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The lines that are links and no questions of this page: those to other pages, and to headings that do not ask."""
    titles = {_letters(text[heading.start : heading.end]): heading.is_question for heading in headings}
    own = {heading.start for heading in headings} | {*starts}
    for start, end, href in reading.links:
        start, end = _bare(text, start, end)
        title = text[start:end]
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        last = len(text) if last < 0 else last
        if start in own or "\n" in title or text[end:last].strip() or not _LETTERED.fullmatch(text, first, start):
            continue
        if href.startswith("#"):
            if titles.get(_letters(title), True) is False:
                yield first, end
        elif ends_in_question_mark(with_plain_marks(title)) and _OTHER_PAGE.match(href):
            below = text[last : last + 600].strip().split("\n", 1)[0].strip()
            if not _SENTENCE.match(below):
                yield first, end


# ---------------------------------------------------------------- pairs in the text of the page


def _is_contents(text: str, item: Titled, links: Sequence[tuple[int, int, str]]) -> bool:
    """Whether the body of an item is nothing but links to parts of its page, so that its title names a group."""
    if item.body is None or _asks(text[slice(*item.title)].strip()):
        return False
    start, end = item.body
    inner = links[bisect_left(links, (start, 0, "")) : bisect_left(links, (end, 0, ""))]
    if not inner or not all(href.startswith("#") for _, _, href in inner):
        return False
    cuts = [start, *(offset for first, last, _ in inner for offset in (first, min(last, end))), end]
    return not any(map(str.isalnum, "".join(text[a:b] for a, b in zip(cuts[::2], cuts[1::2], strict=True))))


def _apart(titled: Sequence[Titled]) -> dict[Titled, None]:
    """The items of accordions whose buttons come first, one after the other, and all panels below them.

    They are added to the text as pairs, because a question and its answer are one span of the text.
    """
    items = sorted(item for item in titled if item.kind == "accordion" and item.body is not None)
    apart: dict[Titled, None] = {}
    for item, below in pairwise(items):
        if item.body is not None and below.title[1] <= item.body[0]:
            apart |= {item: None, below: None}
    return apart


def _titled_pairs(text: str, titled: Sequence[Titled], tables: Sequence[tuple[int, int]]) -> list[Pair]:
    """The titles that are questions, with their bodies; of nested ones the inner.

    The title of an accordion's item is one, also a noun ("Parking"), unless it is a button or frames the page.
    """
    asking = {item: _asks(text[slice(*item.title)].strip()) for item in titled}
    count = Counter(item.kind for item in titled)
    questions = Counter(item.kind for item in titled if asking[item])
    most = {kind for kind in count if kind in _MARKED or questions[kind] >= MOST_LINES * count[kind]}
    most |= {kind for kind in _FOLDED if count[kind] >= FEW_ITEMS}
    chosen = [
        item
        for item in titled
        if asking[item] or (item.kind in most and (item.kind not in _FOLDED or _can_be_folded(text, item)))
    ]
    inner: list[Titled] = []
    for item in sorted(chosen, key=lambda item: (-item.title[0], item.kind != "microdata")):
        end = (item.body or item.title)[1]
        if not inner or end <= inner[-1].title[0]:
            inner.append(item)
    return [pair for item in inner[::-1] if (pair := _pair(text, item, tables)).question_start < pair.question_end]


_MARKED = frozenset({"microdata", "table"})
_FOLDED = frozenset({"details", "accordion", "classes"})
FEW_ITEMS = 2  # of an accordion; a single one with a noun as its title is a note


def _can_be_folded(text: str, item: Titled) -> bool:
    """Whether a title without a question's form can be that of an accordion's item."""
    title = " ".join(text[slice(*item.title)].split())
    has_body = item.body is not None and bool(text[slice(*item.body)].strip())
    return has_body and len(title) < 120 and not (is_button(title) or is_toggle(title) or is_framing_title(title))


def _asks(title: str) -> bool:
    return bool(title) and (ends_in_question_mark(with_plain_marks(title)) or asks(title) or asks_without_mark(title))


def _pair(text: str, item: Titled, tables: Sequence[tuple[int, int]]) -> Pair:
    start, end = _without_toggles(text, *_bare(text, *item.title))
    if item.body is None:
        return Pair(start, end)
    answer_start, answer_end = _bare(text, max(item.body[0], end), item.body[1])
    at = bisect_left(tables, (answer_end, 0)) - 1
    if at < 0 or tables[at][1] < answer_end:
        answer_end = _without_furniture(text, answer_start, answer_end)
    if answer_start >= answer_end and "\n" in text[start:end]:  # a title that is never closed holds its answer
        answer_start, answer_end = _bare(text, text.index("\n", start), end)
        end = text.index("\n", start)
    return Pair(start, end, answer_start, answer_end) if answer_start < answer_end else Pair(start, end)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without white space around it."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), max(start, end - len(part) + len(part.rstrip()))


def _without_toggles(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a title without the signs and names of icons around it that open its answer."""
    while (first := _FIRST_TOKEN.match(text, start, end)) and is_toggle(first[1]) and first.end() < end:
        start = first.end()
    while (last := text[start:end].rsplit(None, 1)) and len(last) == 2 and is_toggle(last[1]) and "_" in last[1]:
        end = start + len(last[0].rstrip())
    return start, end


_FIRST_TOKEN = re.compile(r"([^\w\s¿¡\"'“”‘’«»(\[#@$€£&*]{1,3})\s+")


def _without_furniture(text: str, start: int, end: int) -> int:
    """The end of an answer without the furniture at its end ("Was this helpful?")."""
    while start < end:
        line = text.rfind("\n", start, end) + 1
        last = text[line:end].strip() if line > start else ""
        if not last or not is_furniture(last):
            return end
        end = start + len(text[start : line - 1].rstrip())
    return end


# ---------------------------------------------------------------- pairs in a script or an attribute


def _with_loose(text: str, pairs: list[Pair], loose: Iterable[Loose]) -> tuple[str, list[Pair], list[tuple[int, int]]]:
    """The text and its pairs with those of `loose`: found in the text, else added as lines at its end.

    Where the page shows the question with an answer of its own, the other answer is no pair; it is added as furniture
    if its words are not on the page. So are answers without a question.
    """
    shown = {_question_letters(text[p[0] : p[1]]) for p in pairs}
    known = {(_question_letters(text[p[0] : p[1]]), _answer_letters(text[p[2] or 0 : p[3] or 0])) for p in pairs}
    lines = _PageLines(text, pairs)
    whole = ""
    found, added = list(pairs), []
    others: list[tuple[str, str]] = []
    for question, answer in loose:
        keys = (_question_letters(question), _answer_letters(answer))
        if keys in known:
            continue
        known.add(keys)
        pair = lines.find(*keys) if keys[0] else None
        if pair is not None:
            found.append(pair)
        elif not keys[0] or keys[0] in shown or lines.shows_answered(keys[0]):
            whole = whole or _letters(text)
            if keys[1] not in whole:
                others.append((question, answer))
        else:
            added.append((question, answer))
    text, found = _with_added(text, sorted(found), added)
    furniture = []
    for question, answer in others:
        start = len(text) + (2 if text else 0)
        text = "\n".join(filter(None, (text and f"{text}\n", question, answer)))
        furniture.append((start, len(text)))
    return text, found, furniture


def _with_added(text: str, pairs: list[Pair], added: Iterable[tuple[str, str]]) -> tuple[str, list[Pair]]:
    pieces, length = [text], len(text)
    for question, answer in added:
        start = length + (2 if length else 0)
        pieces.append("\n\n" if length else "")
        pieces.append(f"{question}\n{answer}" if answer else question)
        length = start + len(pieces[-1])
        answer_start = start + len(question) + 1
        pairs.append(Pair(start, start + len(question), *((answer_start, length) if answer else ())))
    return "".join(pieces), pairs


def _letters(text: str) -> str:
    """Letters and digits alone: the page may break its lines as it likes."""
    return question_key(text).replace(" ", "")


def _question_letters(text: str) -> str:
    return _letters(clean_question(text))


def _answer_letters(text: str) -> str:
    return _letters(clean_answer(text).text)


class _PageLines:
    """The lines of a page, to find questions and answers whose text is known; lines of known pairs are empty."""

    def __init__(self, text: str, pairs: Sequence[Pair]) -> None:
        self.lines: list[tuple[int, int, str]] = []
        self.at: dict[str, list[int]] = defaultdict(list)
        waiting = [*pairs[::-1]]
        start = 0
        for line in text.split("\n"):
            end = start + len(line)
            while waiting and start >= (waiting[-1].answer_end or waiting[-1].question_end):
                waiting.pop()
            is_taken = bool(waiting) and end > waiting[-1].question_start
            if is_taken:
                self.lines.append((start, end, ""))
            elif line.strip():
                self.at[_question_letters(line)].append(len(self.lines))
                self.lines.append((start, end, line))
            start = end + 1

    def find(self, question: str, answer: str) -> Pair | None:
        """The pair whose line is the question and whose lines below are the answer; a line is used once."""
        for index in self.at.get(question, [])[:8]:
            last = self._last_line(index, answer)
            if last is None or not self.lines[index][2]:
                continue
            start, end, _ = self.lines[index]
            pair = Pair(start, end, self.lines[index + 1][0], self.lines[last][1]) if last > index else Pair(start, end)
            for used in range(index, last + 1):
                self.lines[used] = (*self.lines[used][:2], "")
            return pair
        return None

    def shows_answered(self, question: str) -> bool:
        """Whether a line is the question, and a line that does not ask is below it."""
        for index in self.at.get(question, [])[:8]:
            below = next((line for _, _, line in self.lines[index + 1 : index + 4] if line.strip()), "")
            if below and not ends_in_question_mark(with_plain_marks(below.strip())):
                return True
        return False

    def _last_line(self, index: int, answer: str) -> int | None:
        """The line at which the words below `index` are those of the answer; None if they are not."""
        done, read = 0, _answer_letters
        while done < len(answer):
            index += 1
            line = self.lines[index][2] if index < len(self.lines) else ""
            words = read(line)
            if not line or not answer.startswith(words, done):
                return None
            done, read = done + len(words), _letters
        return index
