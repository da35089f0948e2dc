"""Turns a row of a table into a record: finds the columns of question, answer, text, address and date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline.extract.html import read_html
from pipeline.extract.plain_text import HEAD, looks_like_html
from pipeline.extract.record import Flaw, Record, too_large
from pipeline.parse.known import Known, Pair
from pipeline.text.encoding import decode, without_surrogates

Columns = Sequence[tuple[str, str]]

# Names of columns, the most specific first: those of FAQ and Q&A sets on the Hugging Face hub and of crawlers.
_NAMES = {
    "question": "question questions question_text question_title faq_question query prompt instruction title q",
    "answer": "answer answers answer_text accepted_answer best_answer faq_answer response reply completion output a",
    "text": "text content body html raw_content page_content page_text main_text document page article markdown",
    "url": "url source_url page_url uri link href canonical_url source_uri",
    "date": "fetched_at crawled_at scraped_at retrieved_at fetch_date crawl_date fetch_time date timestamp",
}
_ORDER = {field: {name: rank for rank, name in enumerate(names.split())} for field, names in _NAMES.items()}
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """The column of every field that the table has, by field."""

    of: dict[str, str]

    @property
    def holds_text(self) -> bool:
        return bool({"question", "text"} & self.of.keys())


def layout_of(names: Sequence[str], given: Columns) -> Layout:
    """The column of every field: as `given` if that column exists, else by its name.

    A title without an answer is no question, so a page's title is not taken for one.

    >>> layout_of(["ID", "Question", "Answer Text", "URL"], ()).of
    {'question': 'Question', 'answer': 'Answer Text', 'url': 'URL'}
    >>> layout_of(["Frage", "text"], [("question", "frage")]).of
    {'question': 'Frage', 'text': 'text'}
    """
    plain = {_plain_name(name): name for name in reversed(names)}
    of = {}
    wanted_columns = dict(given)
    for field, order in _ORDER.items():
        wanted = wanted_columns.get(field)
        if wanted is not None and (wanted in names or _plain_name(wanted) in plain):
            of[field] = wanted if wanted in names else plain[_plain_name(wanted)]
            continue
        known = [name for name in order if name in plain]
        if known:
            of[field] = plain[known[0]]
    if (
        "answer" not in of
        and _plain_name(of.get("question", "")) in _OTHERWISE_TITLES
        and "question" not in wanted_columns
    ):
        del of["question"]
    if "question" not in of and "answer" in of and "text" not in of:
        of["text"] = of.pop("answer")
    return Layout(of)


_OTHERWISE_TITLES = {"title", "prompt", "instruction"}


def _plain_name(name: str) -> str:
    return _NOT_WORD.sub("_", name.strip().casefold()).strip("_")


def unknown_columns(names: Sequence[str]) -> Flaw:
    """The flaw of a table without a known column."""
    shown = ", ".join(repr(name) for name in names[:8]) or "none"
    detail = f"no column is known to hold questions or text (there are: {shown}); name them, for example --columns "
    return Flaw("no_columns", detail + "question=Q,answer=A or --columns text=T")


def record_of(
    row: Mapping[str, Any], layout: Layout, number: int, limit: int, encoding: str = "utf-8", is_certain: bool = True
) -> Record | Flaw:
    """A row as a record: its question and answer on separate lines, else its text, which may be a web page."""
    values = {field: plain_text(row.get(name)) for field, name in layout.of.items() if field != "date"}
    question, answer = values.get("question", ""), values.get("answer", "")
    replaced = 0
    pairs: tuple[Pair, ...] = ()
    if question.strip():
        question, replaced = without_surrogates(question)
        answer, more = without_surrogates(answer)
        replaced += more
        text = f"{question}\n{answer}" if answer else question
        start = len(question) + 1
        pairs = (Pair(0, len(question), start, len(text)) if answer.strip() else Pair(0, len(question)),)
    else:
        text, replaced = without_surrogates(answer or values.get("text", ""))
    if len(text) > limit:
        return too_large(limit, number)
    url = without_surrogates(values.get("url", "").strip())[0] or None
    fetched_at = read_date(row.get(layout.of.get("date", "")))
    if not pairs and looks_like_html(text[:HEAD].encode()):
        return read_html(text.encode(), declared="utf-8", number=number, source_url=url, fetched_at=fetched_at)
    return Record(
        text,
        encoding,
        is_certain and not replaced,
        number,
        undecodable=((0, 0),) * replaced,
        known=Known(pairs),
        source_url=url,
        fetched_at=fetched_at,
    )


def plain_text(value: Any) -> str:
    """A cell as text: a list with one item on a line, the text of a mapping, bytes decoded, "" for a missing value.

    >>> plain_text(["Rest.", {"text": "Drink."}])
    'Rest.\\nDrink.'
    """
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, bytes):
        return decode(value).text
    if isinstance(value, Mapping):
        inner = value.get("text", value.get("value", value.get("answer")))
        return plain_text(inner) if not isinstance(inner, Mapping) else ""
    if isinstance(value, Sequence):
        return "\n".join(filter(None, (_item(item) for item in value)))
    return str(value)


def _item(value: Any) -> str:
    """An item of a list; lists within lists are no text."""
    inner = value.get("text") if isinstance(value, Mapping) else value
    return "" if isinstance(inner, (list, Mapping)) else plain_text(inner)


# A fetch before the web or a century ahead is no date of a fetch but a misread number.
_YEARS = range(1990, 2100)
_COMPACT = re.compile(r"\d{14}|\d{8}T?\d{6}Z?")


def read_date(value: Any) -> datetime | None:
    """A time in UTC: ISO 8601, an e-mail date, seconds since 1970 or 14 digits; None when it is none of them.

    >>> read_date("2024-05-01T12:00:00+02:00").isoformat()
    '2024-05-01T10:00:00+00:00'
    >>> read_date("20240501120000") == read_date("Wed, 01 May 2024 12:00:00 GMT") == read_date("1714564800")
    True
    """
    try:
        time = _time(value)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError, AttributeError):
        return None
    return time if time.year in _YEARS else None


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    text = str(value).strip()[:64] if value is not None else ""
    if _COMPACT.fullmatch(text):
        return datetime.strptime(re.sub(r"\D", "", text), "%Y%m%d%H%M%S")
    if re.fullmatch(r"\d{9,13}(?:\.\d+)?", text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
