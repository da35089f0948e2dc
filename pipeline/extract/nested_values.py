"""Finds the pairs of questions and answers in nested values, as JSON and Parquet have them, and their other text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from pipeline.extract.cells import plain_text, without_markup
from pipeline.extract.columns import Columns, Layout, layout_of
from pipeline.extract.html_text import Loose
from pipeline.parse.questions import asks, ends_in_question_mark
from pipeline.text.characters import with_plain_marks

__all__ = ["find_in_row", "find_in_value", "is_map", "is_message", "is_text", "pairs_in"]

_PROSE = re.compile(r"\w\s+\w")  # two words: what has fewer is a code, a tag, a name of a category
MAX_DEPTH = 60  # of containers that are searched; deeper ones are hostile


LeftOut = dict[str, None]  # names of columns and keys, in order


def find_in_row(
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
            yield from find_in_value(value, given, 1, left_out, key)
    else:
        yield from _find_in_mapping(rest, given, 1, left_out)


def pairs_in(value: Any) -> Iterator[Loose]:
    """The pairs in a value of JSON, however deep."""
    return (found for found in find_in_value(value, (), 1, {}) if isinstance(found, Loose))


def is_text(value: Any) -> bool:
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


def find_in_value(value: Any, given: Columns, depth: int, left_out: LeftOut, key: str = "") -> Iterator[Loose | str]:
    """The pairs in a value, however deep, and its other texts, in order. `key`: the name of the value."""
    if isinstance(value, str):
        if _PROSE.search(value) and (text := without_markup(value)).strip():
            yield text
        elif value.strip():
            left_out[key] = None
    elif depth > MAX_DEPTH:
        left_out[key] = None
    elif isinstance(value, Mapping):
        yield from _find_in_mapping(value, given, depth, left_out, key)
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(item, str) for item in value) and _asks(value[0]):
            yield Loose(*map(without_markup, value))
        else:
            yield from _find_in_list(value, given, depth, left_out, key)
    elif isinstance(value, bytes):
        yield from find_in_value(plain_text(value), given, depth, left_out, key)
    elif value is not None and value == value and value is not False:
        left_out[key] = None


def _find_in_mapping(
    value: Mapping[str, Any], given: Columns, depth: int, left_out: LeftOut, key: str = ""
) -> Iterator[Loose | str]:
    layout = layout_of(tuple(map(str, value)), tuple(given)) if depth > 1 else Layout({})
    if any(is_text(value.get(question)) for question, _ in layout.pairs):  # "questions" may be a list of records
        yield from find_in_row(value, layout, given, left_out)
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
                yield from find_in_value(one, given, depth + 1, left_out, inner)
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
            yield from find_in_value(inner, given, depth + 1, left_out, str(name) or key)


LONG_KEY = 30  # characters; a longer key with blanks is a text


def _is_schema_question(value: Mapping[str, Any]) -> bool:
    kind = value.get("@type", "")
    return "acceptedAnswer" in value or "suggestedAnswer" in value or (isinstance(kind, str) and kind == "Question")


def _find_in_list(values: list[Any], given: Columns, depth: int, left_out: LeftOut, key: str) -> Iterator[Loose | str]:
    """The pairs of a list; of a chat, every message of a user with the answer below it."""
    asked: str | None = None
    for value in values:
        role = _role(value)
        if role is None:
            yield from find_in_value(value, given, depth + 1, left_out, key)
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
