"""Reads a web page as a record: its visible text, the questions that its markup marks, and its address.

Markup that marks questions: schema.org in microdata and JSON-LD, <details>, <dl>. Everything else is found in the text,
whose headings are known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from pipeline.extract.html_text import Loose, Titled, read_page
from pipeline.extract.jsonld import questions_in
from pipeline.extract.plain_text import not_text
from pipeline.extract.record import Flaw, Record
from pipeline.limits import MANY_LINES, MOST_LINES
from pipeline.parse.furniture import is_furniture
from pipeline.parse.known import Known, Pair
from pipeline.parse.questions import asks, ends_in_question_mark
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
    text, pairs = reading.text, _titled_pairs(reading.text, reading.titled)
    loose = [*reading.loose, *(pair for script in reading.scripts for pair in questions_in(script))]
    if loose:
        text, pairs = _with_loose(text, pairs, loose)
    return Record(
        text,
        decoded.encoding,
        decoded.is_certain,
        number,
        data,
        decoded.undecodable,
        known=Known(
            tuple(pairs), tuple(_headings(text, reading.headings)), tuple(_furniture(pairs, reading.furniture))
        ),
        source_url=source_url or reading.canonical,
        fetched_at=fetched_at,
    )


def _headings(text: str, found: Sequence[tuple[int, int, int]]) -> list[tuple[int, str]]:
    """The headings as Markdown; if most headings of a level are questions, all of them are."""
    count, questions = Counter(level for _, _, level in found), Counter[int]()
    for start, end, level in found:
        questions[level] += _asks(text[start:end].strip())
    asking = {
        level for level in questions if questions[level] >= MANY_LINES and questions[level] >= MOST_LINES * count[level]
    }
    marks = {_bare(text, start, end)[0]: "Q: " if level in asking else "#" * level + " " for start, end, level in found}
    return sorted(marks.items())


def _furniture(pairs: Sequence[Pair], found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The menus and footers without a pair in them."""
    starts = [pair.question_start for pair in pairs]
    return [(start, end) for start, end in found if bisect_left(starts, start) == bisect_left(starts, end)]


# ---------------------------------------------------------------- pairs in the text of the page


def _titled_pairs(text: str, titled: Sequence[Titled]) -> list[Pair]:
    """The titles that are questions, with their bodies; of nested ones the inner."""
    asking = {item: _asks(text[slice(*item.title)].strip()) for item in titled}
    count = Counter(item.kind for item in titled)
    questions = Counter(item.kind for item in titled if asking[item])
    most = {kind for kind in count if kind == "microdata" or questions[kind] >= MOST_LINES * count[kind]}
    chosen = [item for item in titled if asking[item] or item.kind in most]
    inner: list[Titled] = []
    for item in sorted(chosen, key=lambda item: (-item.title[0], item.kind != "microdata")):
        end = (item.body or item.title)[1]
        if not inner or end <= inner[-1].title[0]:
            inner.append(item)
    return [pair for item in inner[::-1] if (pair := _pair(text, item)).question_start < pair.question_end]


def _asks(title: str) -> bool:
    return bool(title) and (ends_in_question_mark(with_plain_marks(title)) or asks(title))


def _pair(text: str, item: Titled) -> Pair:
    start, end = _bare(text, *item.title)
    if item.body is None:
        return Pair(start, end)
    answer_start, answer_end = _bare(text, max(item.body[0], end), item.body[1])
    answer_end = _without_furniture(text, answer_start, answer_end)
    if answer_start >= answer_end and "\n" in text[start:end]:  # a title that is never closed holds its answer
        answer_start, answer_end = _bare(text, text.index("\n", start), end)
        end = text.index("\n", start)
    return Pair(start, end, answer_start, answer_end) if answer_start < answer_end else Pair(start, end)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without white space around it."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), max(start, end - len(part) + len(part.rstrip()))


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


def _with_loose(text: str, pairs: list[Pair], loose: Iterable[Loose]) -> tuple[str, list[Pair]]:
    """The text and its pairs with those of `loose`: found in the text, else added as lines at its end."""
    known = {(_question_letters(text[p[0] : p[1]]), _answer_letters(text[p[2] or 0 : p[3] or 0])) for p in pairs}
    lines = _PageLines(text, pairs)
    found, added = list(pairs), []
    for question, answer in loose:
        keys = (_question_letters(question), _answer_letters(answer))
        if not keys[0] or keys in known:
            continue
        known.add(keys)
        pair = lines.find(*keys)
        if pair is not None:
            found.append(pair)
        else:
            added.append((question, answer))
    return _with_added(text, sorted(found), added)


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
