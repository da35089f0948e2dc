"""Reads the value of a cell or of a JSON key as text, as an answer or as a date."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline.extract.html_text import visible_text
from pipeline.text.encoding import decode


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Keys that hold the text of a value, the most specific first: in rich text, exports of help desks and search results.
_TEXT_KEYS = (
    "plain_text", "text", "value", "answer", "content", "body", "html", "snippet", "markdown", "plain", "rendered",
    "description", "children", "blocks", "paragraphs", "items", "list", "doc", "en", "rich_text", "insert", "ops",
    "root", "data", "cooked", "excerpt",
)  # fmt: skip
# Keys that name the kind of a node of rich text, and the kinds that run on within a line, in the names of the editors.
_KINDS = ("type", "nodeType", "_type")
_INLINE = _set(
    """text span link hyperlink entry-hyperlink asset-hyperlink autolink a mention strong em code inlineCode emoji
    equation hardBreak hard_break linebreak br"""
)
_LINE_BREAKS = _set("hardBreak hard_break linebreak br")
# Keys of a node that runs on: of formatted text next to other text.
_FORMATS = _set(
    "marks annotations attributes bold italic underline strong em code strikethrough insert plain_text format"
)
_LANGUAGES = _set(
    """ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl he hi hr hu hy it iw ja ka kk km ko ky lo lt
    lv mk ml mn mr ms mt my nb ne nl nn pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh zu
    und mul zxx"""
)
_OTHERWISE_WORDS = _set("id no is default")  # languages, but only beside others
_LOCALE = re.compile(r"[a-z]{2,3}[-_](?:[A-Za-z]{2}|[A-Z][a-z]{3}|\d{3})")
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
    """The visible text of a cell: of HTML, also if it is escaped once or twice more; other text does not change.

    Within HTML, what is escaped is shown as it is written. Text that is escaped twice must open with a tag.

    >>> without_markup("&lt;p&gt;Yes &amp;amp; no.&lt;/p&gt;"), without_markup("x < 5 &amp; y")
    ('Yes & no.', 'x < 5 & y')
    >>> without_markup("&amp;lt;b&amp;gt;Yes.&amp;lt;/b&amp;gt;"), without_markup("<p>Write &lt;b&gt;.</p>")
    ('Yes.', 'Write <b>.')
    """
    if "lt;" in text:
        text = _unescaped(text)
    if is_html(text):
        return visible_text(text)
    return html.unescape(text) if "&" in text and _ENTITY.search(text) else text


def _unescaped(text: str) -> str:
    """HTML that is escaped once, or twice from its first tag on; any other text does not change."""
    once = html.unescape(text)
    if not is_html(text) and is_html(once):
        return once
    twice = html.unescape(once).lstrip() if once.lstrip().startswith("&lt;") else ""
    return twice if _TAG.match(twice) else text


def plain_text(value: Any) -> str:
    """A value as text: a list with one item on a line, the text of a mapping, bytes decoded, "" for a missing value.

    Of several answers by different people the accepted one counts, else the first.

    >>> plain_text(["Rest.", {"text": "Drink."}])
    'Rest.\\nDrink.'
    >>> plain_text([{"text": "A.", "score": 1}, {"text": "B.", "best": True}])
    'B.'
    >>> plain_text({"type": "p", "children": [{"text": "Yes, "}, {"text": "one."}]})
    'Yes, one.'
    >>> plain_text({"pl": {"blocks": [{"type": "header", "data": {"text": "Tak."}}]}})
    'Tak.'
    """
    return _text(value, 0)


MAX_DEPTH = 40  # of the containers in an answer; deeper ones are hostile


def _text(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return _of_encoded(value, depth) if value[:1] in _OPENS_JSON and value else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value != value or depth > MAX_DEPTH:
        return ""
    if isinstance(value, bytes):
        return decode(value).text
    if isinstance(value, Mapping):
        return _of_mapping(value, depth)
    if isinstance(value, Sequence):
        chosen = _accepted(value)
        return _joined(value, depth) if chosen is None else _text(chosen, depth + 1)
    return str(value)


def _of_mapping(value: Mapping[Any, Any], depth: int) -> str:
    """The text of a mapping: under the key of its kind, under a usual key, or in the first of its languages."""
    kind = _kind(value)
    if kind in _LINE_BREAKS:
        return "\n"
    keys = (kind, *_TEXT_KEYS) if kind in value and not isinstance(value[kind], str) else _TEXT_KEYS
    for key in keys:
        if key in value and (text := _text(value[key], depth + 1)):
            inner = value.get("items" if key != "items" else "children") if isinstance(value[key], str) else None
            below = _text(inner, depth + 1) if isinstance(inner, list) else ""  # a list within an item of a list
            return f"{text}\n{below}" if below else text
    languages = languages_of(value)
    if not languages:
        return _of_only_key(value, depth)
    return next(filter(None, (_text(value[key], depth + 1) for key in languages)), "")


def _of_only_key(value: Mapping[Any, Any], depth: int) -> str:
    """The text of a mapping that is a layer around one value: {"childMarkdownRemark": {"html": ...}}."""
    keys = [key for key in value if not str(key).startswith("_") and str(key) not in _KINDS]
    only = value[keys[0]] if len(keys) == 1 else None
    if isinstance(only, (Mapping, list)):
        return _text(only, depth + 1)
    return only if isinstance(only, str) and _SENTENCE.search(only) else ""


_SENTENCE = re.compile(r"\w\s+\w+\s+\w")  # three words: what has fewer may be a code or a name


def _kind(value: Any) -> str:
    """The kind of a node of rich text; "" if it names none."""
    return next((kind for key in _KINDS if isinstance(kind := value.get(key), str)), "")


def languages_of(value: Any) -> list[Any]:
    """The keys of a mapping if they are languages: of one text in each of them; none of any other value.

    >>> languages_of({"_type": "localeString", "en-US": "Yes.", "cs": "Ano."}), languages_of({"id": "a3"})
    (['en-US', 'cs'], [])
    """
    if not isinstance(value, Mapping):
        return []
    keys = [key for key in value if not str(key).startswith("_")]
    is_sure = False
    for key in map(str, keys):
        if key in _LANGUAGES or _LOCALE.fullmatch(key):
            is_sure = True
        elif key not in _OTHERWISE_WORDS:
            return []
    return keys if is_sure else []


def _joined(values: Sequence[Any], depth: int) -> str:
    """The texts of a list: each on a line, unless they are the runs of one line; the rows of a table with " | "."""
    if values and all(isinstance(row, list) and len(row) > 1 and not any(map(_is_nested, row)) for row in values):
        return "\n".join(" | ".join(filter(None, (_text(cell, depth + 2) for cell in row))) for row in values)
    parts = [part for part in (_text(item, depth + 1) for item in values) if part]
    runs_on = any(part[-1].isspace() for part in parts[:-1]) or any(part[0].isspace() for part in parts[1:])
    return ("" if runs_on or _are_runs(values) else "\n").join(parts)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


def _are_runs(values: Sequence[Any]) -> bool:
    """Whether the items of a list are the runs of one line: plain and formatted text, links, line breaks."""
    is_formatted = False
    for value in values:
        if not isinstance(value, Mapping):
            return False
        kind = _kind(value)
        if kind not in _INLINE and (kind or not ("text" in value or "insert" in value)):
            return False
        is_formatted |= kind not in ("", "text", "span") or not _FORMATS.isdisjoint(value)
    return is_formatted


_OPENS_JSON = frozenset("{[")
_ENCODED = re.compile(r'\s*(?:\[\s*)?\{\s*"')
_NODE = re.compile(r'"(?:type|nodeType|_type|blocks|ops|root)"\s*:')


def _of_encoded(text: str, depth: int) -> str:
    """The text of rich text that is written as JSON within a string; any other string does not change."""
    if text.rstrip()[-1] in "}]" and _ENCODED.match(text) and _NODE.search(text):
        with suppress(ValueError, RecursionError):
            return _text(json.loads(text, strict=False), depth + 1) or text
    return text


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
