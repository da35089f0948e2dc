"""Turns a row of a table, or a JSON value of any depth, into a record: its pairs, then all its other text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.extract.cells import is_html, plain_text, read_date, without_markup
from pipeline.extract.columns import Columns, Layout
from pipeline.extract.html import read_html
from pipeline.extract.html_text import Loose
from pipeline.extract.nested_values import find_in_row, find_in_value, is_text, is_wrapped, titled_pair, unused_in
from pipeline.extract.plain_text import HEAD, looks_like_html
from pipeline.extract.record import Flaw, Record, too_large
from pipeline.parse.known import Known, Pair
from pipeline.text.characters import without_surrogates


class Source(NamedTuple):
    """Where a record comes from: its number, how it was decoded, and the limit of a document in characters."""

    number: int
    limit: int
    encoding: str = "utf-8"
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a row: its pairs, its other texts in order, and the names of the columns that are not read."""

    pairs: list[Loose] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    left_out: dict[str, None] = field(default_factory=dict)

    def add(self, found: Iterable[Loose | str]) -> None:
        """Add pairs and other texts."""
        for one in found:
            if isinstance(one, Loose):
                self.pairs.append(one)
            else:
                self.others.append(one)


def record_of(
    row: Mapping[str, Any], layout: Layout, source: Source, given: Columns = (), guessed: Columns = ()
) -> Record | Flaw | None:
    """A row as a record: its questions and answers on separate lines, else its text, which may be a web page.

    Text in other columns follows as furniture, so that none is lost. None if the row has no pair and no text column.
    `guessed`: the columns of the layout that were chosen by their cells.
    """
    parts = _Parts()
    titled = titled_pair(row, layout.of.get("text")) if not layout.pairs else None
    if titled is not None:
        layout = Layout({name: one for name, one in layout.of.items() if one not in titled}, (titled,))
    taken = frozenset(name for name in layout.of.values() if is_text(row.get(name)))
    if "text" in layout.of and is_wrapped(row.get(layout.of["text"])):
        taken |= {layout.of["text"]}
    parts.add(find_in_row(row, layout, given, parts.left_out, taken))
    url = _address(row, layout, given, parts)
    fetched_at = _date(row, layout, given, parts)
    name = layout.of.get("text", "")
    main = plain_text(row.get(name)) if name in taken else ""
    if name in taken:
        parts.add(unused_in(row.get(name), name, parts.left_out))
    if parts.pairs:
        parts.others.extend([without_markup(main)] if main.strip() else [])
        main = ""
    elif "text" not in layout.of and not layout.pairs:
        return None
    elif is_page(main):
        return _page(main, source, url, fetched_at, parts, _shown(guessed))
    text, known = _assembled(without_markup(main), parts.pairs, parts.others)
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
        left_out=tuple(parts.left_out),
        guessed=_shown(guessed),
    )


def _shown(guessed: Columns) -> tuple[str, ...]:
    """The guessed columns as `--columns` has them."""
    return tuple(f"{field}={name}" for field, name in guessed)


def _address(row: Mapping[str, Any], layout: Layout, given: Columns, parts: _Parts) -> str | None:
    """The web address of a row. A value with a blank in it is none; its text is added to the parts."""
    if "url" not in layout.of:
        return None
    value = row.get(layout.of["url"])
    url = without_surrogates(plain_text(value).strip())[0]
    if any(map(str.isspace, url)):
        parts.add(find_in_value(value, given, 1, parts.left_out, layout.of["url"]))
        return None
    return url or None


def _date(row: Mapping[str, Any], layout: Layout, given: Columns, parts: _Parts) -> datetime | None:
    """When a row was fetched. The text of a value that is no date is added to the parts."""
    if "date" not in layout.of:
        return None
    value = row.get(layout.of["date"])
    fetched_at = read_date(value)
    if fetched_at is None:
        parts.add(find_in_value(value, given, 1, parts.left_out, layout.of["date"]))
    return fetched_at


def _page(
    text: str, source: Source, url: str | None, fetched_at: datetime | None, parts: _Parts, guessed: tuple[str, ...]
) -> Record | Flaw:
    """A web page in a row, with the other texts of the row below it."""
    data = without_surrogates(text)[0].encode()
    if len(data) > source.limit:
        return too_large(source.limit, source.number)
    page = read_html(data, declared="utf-8", number=source.number, source_url=url, fetched_at=fetched_at)
    return (
        page if isinstance(page, Flaw) else replace(_with_others(page, parts.others, parts.left_out), guessed=guessed)
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


_PART_OF_PAGE = re.compile(
    r"(?:\s*<!--[^<>]{0,400}-->)*\s*<(?:h[1-6]|details|dl|section|article|main|div|p|ul|ol|table)[\s>]", re.IGNORECASE
)


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
