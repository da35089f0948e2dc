"""Turns a row of a table, or a JSON value of any depth, into a record: its pairs, then all its other text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pipeline.extract.cells import is_html, plain_text, read_date, without_markup
from pipeline.extract.columns import Columns, Layout, layout_of, plain_name
from pipeline.extract.html import read_html
from pipeline.extract.html_text import Loose
from pipeline.extract.plain_text import HEAD, looks_like_html
from pipeline.extract.record import Flaw, Record, too_large
from pipeline.limits import LONG_TITLE
from pipeline.parse.headings import is_box_title
from pipeline.parse.known import Known, Pair
from pipeline.parse.questions import asks, ends_in_question_mark
from pipeline.text.characters import with_plain_marks
from pipeline.text.encoding import without_surrogates


class Source(NamedTuple):
    """Where a record comes from: its number, how it was decoded, and the limit of a document in characters."""

    number: int
    limit: int
    encoding: str = "utf-8"
    is_certain: bool = True


def record_of(row: Mapping[str, Any], layout: Layout, source: Source, given: Columns = ()) -> Record | Flaw | None:
    """A row as a record: its questions and answers on separate lines, else its text, which may be a web page.

    Text in other columns follows as furniture, so that none is lost. None if the row has no pair and no text column.
    """
    pairs: list[Loose] = []
    others: list[str] = []
    left_out: dict[str, None] = {}

    def add(found: Iterable[Loose | str]) -> None:
        for one in found:
            if isinstance(one, Loose):
                pairs.append(one)
            else:
                others.append(one)

    taken = frozenset(name for name in layout.of.values() if _is_text(row.get(name)))
    add(_read(row, layout, given, left_out, taken))
    url = without_surrogates(plain_text(row.get(layout.of.get("url", ""))).strip())[0] or None
    if url is not None and "url" in layout.of and any(map(str.isspace, url)):  # a text, no address
        add(_search(row[layout.of["url"]], given, 1, left_out, layout.of["url"]))
        url = None
    fetched_at = read_date(row.get(layout.of.get("date", "")))
    if fetched_at is None and "date" in layout.of:
        add(_search(row.get(layout.of["date"]), given, 1, left_out, layout.of["date"]))
    name = layout.of.get("text", "")
    main = raw = plain_text(row.get(name)) if name in taken else ""
    asked = _asking_title(row, layout) if not pairs and main.strip() else None
    if asked is not None:
        answer = without_markup(raw)
        if len(answer) < LONG_BODY and not any(map(_ends_asking, answer.split("\n"))):
            pairs, raw = [Loose(asked, answer)], ""
            others = [other for other in others if other != asked]
    if pairs:
        main = ""
        others += [without_markup(raw)] if raw.strip() else []
    else:
        if "text" not in layout.of and not layout.pairs:
            return None
        if is_page(raw):
            data = without_surrogates(raw)[0].encode()
            if len(data) > source.limit:
                return too_large(source.limit, source.number)
            page = read_html(data, declared="utf-8", number=source.number, source_url=url, fetched_at=fetched_at)
            return page if isinstance(page, Flaw) else _with_others(page, others, left_out)
        main = without_markup(raw)
    text, known = _assembled(main, pairs, others)
    text, replaced = without_surrogates(text)
    if len(text) > source.limit:
        return too_large(source.limit, source.number)
    return Record(
        text,
        source.encoding,
        source.is_certain and not replaced,
        source.number,
        undecodable=((0, 0),) * replaced,
        known=known,
        source_url=url,
        fetched_at=fetched_at,
        left_out=tuple(left_out),
    )


def _with_others(page: Record, others: list[str], left_out: Iterable[str]) -> Record:
    """A page of a table with the other texts of its row below it, as furniture."""
    text, furniture = page.text, list(page.known.furniture)
    for other in others:
        start = len(text) + 2
        text = f"{text}\n\n{without_surrogates(other)[0]}"
        furniture.append((start, len(text)))
    known = replace(page.known, furniture=tuple(furniture))
    return replace(page, text=text, known=known, left_out=tuple(left_out))


LONG_BODY = 5000  # characters; a longer text below a title is a page of its own
_TITLES = ("title", "subject", "headline", "heading", "name", "topic")


def _asking_title(row: Mapping[str, Any], layout: Layout) -> str | None:
    """The title of a row that ends in a question mark: its text answers it, as in the exports of help desks."""
    for key, value in row.items():
        if plain_name(str(key)) in _TITLES and isinstance(value, str) and key not in layout.columns:
            title = without_markup(value).strip()
            if _ends_asking(title) and len(title) < LONG_TITLE and not is_box_title(title):
                return title
    return None


def _ends_asking(text: str) -> bool:
    return ends_in_question_mark(with_plain_marks(text.strip()))


_PART_OF_PAGE = re.compile(r"\s*<(?:h[1-6]|details|dl|section|article|main|div|p|ul|ol|table)[\s>]", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether a text is a web page, or a fragment of one."""
    return looks_like_html(text[:HEAD].encode("utf-8", "replace")) or (
        _PART_OF_PAGE.match(text) is not None and is_html(text)
    )


def _assembled(main: str, pairs: list[Loose], others: list[str]) -> tuple[str, Known]:
    """The text of a record: `main`, its pairs, then its other texts, with the offsets of both."""
    pieces, length = [main] if main else [], len(main)
    known: list[Pair] = []
    furniture: list[tuple[int, int]] = []
    for pair in pairs:
        start = length + (2 if length else 0)
        text = f"{pair.question}\n{pair.answer}" if pair.answer else pair.question
        pieces += ["\n\n" if length else "", text]
        length = start + len(text)
        end = start + len(pair.question)
        known.append(Pair(start, end, end + 1, length) if pair.answer.strip() else Pair(start, end))
    for other in others:
        start = length + (2 if length else 0)
        pieces += ["\n\n" if length else "", other]
        length = start + len(other)
        furniture.append((start, length))
    return "".join(pieces), Known(tuple(known), furniture=tuple(furniture))


# ---------------------------------------------------------------- pairs in nested values

_PROSE = re.compile(r"\w\s+\w")  # two words: what has fewer is a code, a tag, a name of a category
MAX_DEPTH = 60  # of containers that are searched; deeper ones are hostile


LeftOut = dict[str, None]  # names of columns and keys, in order


def _read(
    row: Mapping[str, Any], layout: Layout, given: Columns, left_out: LeftOut, taken: Container[str] = ()
) -> Iterator[Loose | str]:
    """The pairs of a row, and its other texts, in order, but for the columns `taken`.

    `left_out` gets the names of columns that hold no text.
    """
    for question, answer in layout.pairs:
        asked = without_markup(plain_text(row.get(question)))
        answered = without_markup(plain_text(row.get(answer))) if answer is not None else ""
        if asked.strip():
            yield Loose(asked, answered)
        elif answered.strip():
            yield answered
        for name in (question, answer):
            yield from _unused(row.get(name or ""), name or "", left_out)
    in_pairs = {name for pair in layout.pairs for name in pair}
    rest = {key: value for key, value in row.items() if key not in taken and key not in in_pairs}
    if layout.pairs:
        for key, value in rest.items():
            yield from _search(value, given, 1, left_out, key)
    else:
        yield from _search_mapping(rest, given, 1, left_out)


def pairs_in(value: Any) -> Iterator[Loose]:
    """The pairs in a value of JSON, however deep."""
    return (found for found in _search(value, (), 1, {}) if isinstance(found, Loose))


def _is_text(value: Any) -> bool:
    """Whether a value is text, or lines of it."""
    return not isinstance(value, Mapping) and not (
        isinstance(value, list) and any(isinstance(inner, (Mapping, list)) for inner in value)
    )


_CODES = frozenset({"@type", "@context", "@id", "type", "_type", "_key"})  # of schema.org and rich text
MOST_UNUSED = 1000  # texts of an answer that are looked for in it; a hostile one has more


def _unused(value: Any, name: str, left_out: LeftOut) -> Iterator[str]:
    """The texts within a question or an answer that are not in its text: other answers, notes beside it."""
    if not isinstance(value, (Mapping, list)):
        return
    used = plain_text(value)
    at = missed = 0
    waiting: list[tuple[Any, str]] = [(value, name)]
    while waiting:
        inner, name = waiting.pop()
        if isinstance(inner, Mapping):
            waiting.extend((one, str(key)) for key, one in reversed(list(inner.items())) if key not in _CODES)
        elif isinstance(inner, list):
            waiting.extend((one, name) for one in reversed(inner))
        elif isinstance(inner, str) and inner.strip():
            found = used.find(inner, at)
            if found < 0 and at:
                found = used.find(inner)
            if found >= 0:
                at = found
                continue
            missed += 1
            if missed > MOST_UNUSED or not _PROSE.search(inner):
                left_out[name] = None
            else:
                yield without_markup(inner)
        if missed > MOST_UNUSED:
            return


def _search(value: Any, given: Columns, depth: int, left_out: LeftOut, key: str = "") -> Iterator[Loose | str]:
    """The pairs in a value, however deep, and its other texts, in order. `key`: the name of the value."""
    if isinstance(value, str):
        if _PROSE.search(value) and (text := without_markup(value)).strip():
            yield text
        elif value.strip():
            left_out[key] = None
    elif depth > MAX_DEPTH:
        left_out[key] = None
    elif isinstance(value, Mapping):
        yield from _search_mapping(value, given, depth, left_out, key)
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(item, str) for item in value) and _asks(value[0]):
            yield Loose(*map(without_markup, value))
        else:
            yield from _search_list(value, given, depth, left_out, key)
    elif isinstance(value, bytes):
        yield from _search(plain_text(value), given, depth, left_out, key)
    elif value is not None and value == value and value is not False:
        left_out[key] = None


def _search_mapping(
    value: Mapping[str, Any], given: Columns, depth: int, left_out: LeftOut, key: str = ""
) -> Iterator[Loose | str]:
    layout = layout_of(tuple(map(str, value)), tuple(given)) if depth > 1 else Layout({})
    if layout.pairs:
        yield from _read(value, layout, given, left_out)
        return
    if _is_schema_question(value):
        name, answer = (
            value.get("name") or value.get("text"),
            value.get("acceptedAnswer") or value.get("suggestedAnswer"),
        )
        yield Loose(without_markup(plain_text(name)), without_markup(plain_text(answer)))
        for inner, one in value.items():
            if one is answer:
                yield from _unused(one, inner, left_out)
            elif one is not name and inner != "@type":
                yield from _search(one, given, depth + 1, left_out, inner)
        return
    asking = [key for key in value if _asks(key)]
    is_one = is_map(value)
    for name, inner in value.items():
        if is_one and not isinstance(inner, (int, float)) and (name in asking or _is_words(inner)):
            yield Loose(without_markup(name), without_markup(plain_text(inner)))
            yield from _unused(inner, name, left_out)
        else:
            if _PROSE.search(str(name)) and len(str(name)) > LONG_KEY:
                yield without_markup(str(name))  # a sentence as a key
            yield from _search(inner, given, depth + 1, left_out, str(name) or key)


LONG_KEY = 30  # characters; a longer key with blanks is a text


def _is_schema_question(value: Mapping[str, Any]) -> bool:
    kind = value.get("@type", "")
    return "acceptedAnswer" in value or "suggestedAnswer" in value or (isinstance(kind, str) and kind == "Question")


def _search_list(values: list[Any], given: Columns, depth: int, left_out: LeftOut, key: str) -> Iterator[Loose | str]:
    """The pairs of a list; of a chat, every message of a user with the answer below it."""
    asked: str | None = None
    for value in values:
        role = _role(value)
        if role is None:
            yield from _search(value, given, depth + 1, left_out, key)
            continue
        message = {name: inner for name, inner in value.items() if name not in ("role", "from")}
        text = without_markup(plain_text(message))
        if role == "answer" and asked is not None:
            yield Loose(asked, text)
            asked = None
        elif role == "question":
            if asked is not None:
                yield asked
            asked = text
        elif text.strip():
            yield text
        yield from _unused(message, key, left_out)
    if asked is not None:
        yield asked


_ROLES = {
    **dict.fromkeys(("user", "human", "prompter", "customer"), "question"),
    **dict.fromkeys(("assistant", "gpt", "bot", "agent", "ai", "model"), "answer"),
    **dict.fromkeys(("system", "tool"), "other"),
}


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and any(map(str.isalpha, value))


def is_map(value: Mapping[str, Any]) -> bool:
    """Whether the keys of a mapping are questions."""
    asking = sum(map(_asks, map(str, value)))
    return bool(asking) and 2 * asking >= len(value)


def is_message(value: Any) -> bool:
    """Whether a value is a message of a chat, which belongs to those around it."""
    return _role(value) is not None


def _role(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    role = value.get("role", value.get("from"))
    return _ROLES.get(role.casefold()) if isinstance(role, str) else None


def _asks(text: str) -> bool:
    return len(text) < 300 and (ends_in_question_mark(with_plain_marks(text.strip())) or (asks(text) and " " in text))
