"""Turns a row of a table, or a JSON value of any depth, into a record: its pairs, then all its other text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    for found in _read(row, layout, given):
        if isinstance(found, Loose):
            pairs.append(found)
        else:
            others.append(found)
    url = without_surrogates(plain_text(row.get(layout.of.get("url", ""))).strip())[0] or None
    fetched_at = read_date(row.get(layout.of.get("date", "")))
    main = raw = plain_text(row.get(layout.of.get("text", "")))
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
            return read_html(data, declared="utf-8", number=source.number, source_url=url, fetched_at=fetched_at)
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
    )


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


def _read(row: Mapping[str, Any], layout: Layout, given: Columns) -> Iterator[Loose | str]:
    """The pairs of a row, and its other texts, in order."""
    for question, answer in layout.pairs:
        asked = without_markup(plain_text(row.get(question)))
        answered = without_markup(plain_text(row.get(answer))) if answer is not None else ""
        if asked.strip():
            yield Loose(asked, answered)
        elif answered.strip():
            yield answered
    rest = {key: value for key, value in row.items() if key not in layout.columns or not _is_text(value)}
    if layout.pairs:
        for value in (value for key, value in rest.items() if key not in layout.columns):
            yield from _search(value, given, 1)
    else:
        yield from _search_mapping(rest, given, 1)


def pairs_in(value: Any) -> Iterator[Loose]:
    """The pairs in a value of JSON, however deep."""
    return (found for found in _search(value, (), 1) if isinstance(found, Loose))


def _is_text(value: Any) -> bool:
    return not isinstance(value, (Mapping, list))


def _search(value: Any, given: Columns, depth: int) -> Iterator[Loose | str]:
    """The pairs in a value, however deep, and its other texts, in order."""
    if isinstance(value, str):
        if _PROSE.search(value) and (text := without_markup(value)).strip():
            yield text
    elif depth > MAX_DEPTH:
        return
    elif isinstance(value, Mapping):
        yield from _search_mapping(value, given, depth)
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(item, str) for item in value) and _asks(value[0]):
            yield Loose(*map(without_markup, value))
        else:
            yield from _search_list(value, given, depth)


def _search_mapping(value: Mapping[str, Any], given: Columns, depth: int) -> Iterator[Loose | str]:
    layout = layout_of(tuple(map(str, value)), tuple(given)) if depth > 1 else Layout({})
    if layout.pairs:
        yield from _read(value, layout, given)
        return
    if _is_schema_question(value):
        yield Loose(
            without_markup(plain_text(value.get("name") or value.get("text"))),
            without_markup(plain_text(value.get("acceptedAnswer") or value.get("suggestedAnswer"))),
        )
        return
    asking = [key for key in value if _asks(key)]
    is_map = bool(asking) and 2 * len(asking) >= len(value)
    for key, inner in value.items():
        if is_map and not isinstance(inner, (int, float)) and (key in asking or isinstance(inner, str)):
            yield Loose(without_markup(key), without_markup(plain_text(inner)))
        else:
            yield from _search(inner, given, depth + 1)


def _is_schema_question(value: Mapping[str, Any]) -> bool:
    kind = value.get("@type", "")
    return "acceptedAnswer" in value or "suggestedAnswer" in value or (isinstance(kind, str) and kind == "Question")


def _search_list(values: list[Any], given: Columns, depth: int) -> Iterator[Loose | str]:
    """The pairs of a list; of a chat, every message of a user with the answer below it."""
    asked: str | None = None
    for value in values:
        role = _role(value)
        if role is None:
            yield from _search(value, given, depth + 1)
            continue
        text = without_markup(plain_text({key: inner for key, inner in value.items() if key not in ("role", "from")}))
        if role == "answer" and asked is not None:
            yield Loose(asked, text)
            asked = None
        elif role == "question":
            if asked is not None:
                yield asked
            asked = text
        elif text.strip():
            yield text
    if asked is not None:
        yield asked


_ROLES = {
    **dict.fromkeys(("user", "human", "prompter", "customer"), "question"),
    **dict.fromkeys(("assistant", "gpt", "bot", "agent", "ai", "model"), "answer"),
    **dict.fromkeys(("system", "tool"), "other"),
}


def _role(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    role = value.get("role", value.get("from"))
    return _ROLES.get(role.casefold()) if isinstance(role, str) else None


def _asks(text: str) -> bool:
    return len(text) < 300 and (ends_in_question_mark(with_plain_marks(text.strip())) or (asks(text) and " " in text))
