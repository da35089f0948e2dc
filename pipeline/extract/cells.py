"""Reads the value of a cell or of a JSON key as text, as an answer or as a date."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline.extract.html_text import visible_text
from pipeline.text.encoding import decode

# Keys that hold the text of a value, the most specific first: in rich text, exports of help desks and search results.
_TEXT_KEYS = (
    "text", "value", "answer", "content", "body", "html", "snippet", "markdown", "plain", "rendered", "description",
    "children", "blocks", "paragraphs", "items", "list", "doc", "en",
)  # fmt: skip
# Keys of one of several answers by different people, which are no parts of one answer.
_ALTERNATIVE = frozenset(
    {
        *("accepted", "is_accepted", "isaccepted", "is_best", "best", "score", "votes", "upvotes", "upvotecount"),
        *("author", "user", "owner", "by", "answer_id", "answer_start", "likes", "helpful"),
    }
)
_ACCEPTED = frozenset(["accepted", "is_accepted", "isaccepted", "is_best", "best"])
_TAG = re.compile(
    r"</?(?:p|br|hr|ul|ol|li|dl|dt|dd|div|span|section|article|b|strong|em|i|u|a|h[1-6]|table|thead|tbody|tr|td|th|"
    r"details|summary|blockquote|code|pre|img|sup|sub|style|script|font|figure)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|apos|[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a text holds a tag of HTML.

    >>> is_html("<p>Yes.</p>"), is_html("a <bc and d> e"), is_html("5 < 7 > 3")
    (True, False, False)
    """
    return "<" in text and _TAG.search(text) is not None


def without_markup(text: str) -> str:
    """The visible text of a cell: of HTML, also if it is escaped once more; other text does not change.

    >>> without_markup("&lt;p&gt;Yes &amp;amp; no.&lt;/p&gt;"), without_markup("x < 5 &amp; y")
    ('Yes & no.', 'x < 5 & y')
    """
    if "&lt;" in text and is_html(unescaped := html.unescape(text)):
        text = unescaped
    if is_html(text):
        return visible_text(text)
    return html.unescape(text) if "&" in text and _ENTITY.search(text) else text


def plain_text(value: Any) -> str:
    """A value as text: a list with one item on a line, the text of a mapping, bytes decoded, "" for a missing value.

    Of several answers by different people the accepted one counts, else the first.

    >>> plain_text(["Rest.", {"text": "Drink."}])
    'Rest.\\nDrink.'
    >>> plain_text([{"text": "A.", "score": 1}, {"text": "B.", "best": True}])
    'B.'
    >>> plain_text({"type": "p", "children": [{"text": "Yes, "}, {"text": "one."}]})
    'Yes, one.'
    """
    return _text(value, 0)


MAX_DEPTH = 40  # of the containers in an answer; deeper ones are hostile


def _text(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value != value or depth > MAX_DEPTH:
        return ""
    if isinstance(value, bytes):
        return decode(value).text
    if isinstance(value, Mapping):
        texts = (_text(value[key], depth + 1) for key in _TEXT_KEYS if key in value)
        return next(filter(None, texts), "")
    if isinstance(value, Sequence):
        chosen = _accepted(value)
        if chosen is not None:
            return _text(chosen, depth + 1)
        parts = [part for part in (_text(item, depth + 1) for item in value) if part]
        runs_on = any(part[-1].isspace() for part in parts[:-1]) or any(part[0].isspace() for part in parts[1:])
        return ("" if runs_on else "\n").join(parts)
    return str(value)


def _accepted(values: Sequence[Any]) -> Any:
    """The accepted of several answers, else the first; None if the values are parts of one answer."""
    if not values or not all(isinstance(value, Mapping) for value in values):
        return None
    keys = {str(key).casefold() for value in values for key in value}
    if not keys & _ALTERNATIVE:
        return None
    accepted = (value for value in values if any(value[key] and str(key).casefold() in _ACCEPTED for key in value))
    return next(accepted, values[0])


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
