"""Turns a row of a table, or a JSON value of any depth, into a record: its pairs, then all its other text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pipeline.extract.cells import is_html, plain_text, read_date, without_markup
from pipeline.extract.columns import Columns, Layout, plain_name
from pipeline.extract.html import read_html
from pipeline.extract.html_text import Loose
from pipeline.extract.nested_values import find_in_row, find_in_value, is_text
from pipeline.extract.plain_text import HEAD, looks_like_html
from pipeline.extract.record import Flaw, Record, too_large
from pipeline.limits import LONG_TITLE
from pipeline.parse.headings import is_box_title
from pipeline.parse.known import Known, Pair
from pipeline.parse.questions import ends_in_question_mark
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

    taken = frozenset(name for name in layout.of.values() if is_text(row.get(name)))
    add(find_in_row(row, layout, given, left_out, taken))
    url = without_surrogates(plain_text(row.get(layout.of.get("url", ""))).strip())[0] or None
    if url is not None and "url" in layout.of and any(map(str.isspace, url)):  # a text, no address
        add(find_in_value(row[layout.of["url"]], given, 1, left_out, layout.of["url"]))
        url = None
    fetched_at = read_date(row.get(layout.of.get("date", "")))
    if fetched_at is None and "date" in layout.of:
        add(find_in_value(row.get(layout.of["date"]), given, 1, left_out, layout.of["date"]))
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
