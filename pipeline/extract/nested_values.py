"""Finds the pairs of questions and answers in nested values, as JSON and Parquet have them, and their other text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from pipeline.extract.cells import languages_of, plain_text, without_markup
from pipeline.extract.columns import Columns, Layout, layout_of, plain_name
from pipeline.extract.html_text import Loose
from pipeline.limits import LONG_TITLE
from pipeline.parse.headings import MOST_SIBLINGS, is_box_title
from pipeline.parse.questions import asks, ends_in_question_mark
from pipeline.text.characters import with_plain_marks

__all__ = [
    "find_in_row", "find_in_value", "is_map", "is_message", "is_table", "is_text", "is_wrapped",
    "pairs_in", "titled_pair", "unused_in",
]  # fmt: skip

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
        several = _parallel(row.get(question), row.get(answer or ""))
        for one, other in several or [(row.get(question), row.get(answer or ""))]:
            asked, answered = (without_markup(plain_text(value)) for value in (one, other))
            if asked.strip():
                yield Loose(asked, answered)
            elif answered.strip():
                yield answered
            yield from unused_in(one, question, left_out)
            yield from unused_in(other, answer or "", left_out)
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


def _parallel(question: Any, answer: Any) -> list[tuple[Any, Any]]:
    """The questions and answers of two values that hold several: in languages, by equal keys, in lists; else none."""
    if isinstance(question, Mapping) and isinstance(answer, Mapping):
        are_languages = languages_of(question) and languages_of(answer)
        are_numbered = question.keys() == answer.keys() and all(str(key).isdigit() for key in question)
        if are_languages or are_numbered:
            others = [(None, answer[key]) for key in answer if key not in question]
            return [(question[key], answer.get(key)) for key in question if not str(key).startswith("_")] + others
    if isinstance(question, list) and len(question) > 1 and all(map(_is_asking_text, question)):
        if isinstance(answer, list) and len(answer) == len(question):
            return list(zip(question, answer, strict=True))
        return [(one, answer) for one in question]  # one question in several wordings
    return []


def _is_asking_text(value: Any) -> bool:
    return isinstance(value, str) and _ends_asking(value)


def is_wrapped(value: Any) -> bool:
    """Whether a value is text in a layer of rich text, of languages or of formats, and holds no records."""
    if not isinstance(value, (Mapping, list)) or not plain_text(value).strip():
        return False
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        inner, depth = waiting.pop()
        if isinstance(inner, Mapping):
            if layout_of(tuple(map(str, inner)), ()).pairs or _is_schema_question(inner) or _has_asking_title(inner):
                return False
            inner = list(inner.values())
        if isinstance(inner, list) and depth < MAX_DEPTH:
            waiting.extend((one, depth + 1) for one in inner)
    return True


def _has_asking_title(value: Mapping[str, Any]) -> bool:
    """Whether a title in a mapping asks, next to what can be its answer."""
    named = {plain_name(str(key)): inner for key, inner in value.items()}
    if not any(key is not None for key in _bodies({name: name for name in named})):
        return False
    return any(name in named and _ends_asking(plain_text(named[name])) for name in _TITLES)


def _is_wrapped_title(value: Any) -> bool:
    """Whether a value is a title in a layer: of one line."""
    return is_wrapped(value) and len(text := plain_text(value).strip()) < LONG_TITLE and "\n" not in text


_TITLES = ("title", "subject", "headline", "heading", "name", "topic")
LONG_BODY = 5000  # characters; a longer text below a title is a page of its own
# Names of what answers a title, the most specific first.
_BODIES = (
    "accepted_answer", "best_answer", "answer", "answers", "answer_text", "answer_html", "answer_c", "solution", "body",
    "content_encoded", "content", "text", "html", "description", "details", "explanation", "excerpt", "snippet",
    "summary",
)  # fmt: skip


def is_title(name: str) -> bool:
    """Whether a column or key of this name holds titles."""
    return plain_name(name) in _TITLES


def _title_of(row: Mapping[str, Any], is_asked: bool = False) -> str | None:
    """The key of the title of a record that ends in a question mark, or with `is_asked` of its first title."""
    for key, value in row.items():
        if is_title(str(key)) and (isinstance(value, str) or _is_wrapped_title(value)):
            title = without_markup(plain_text(value)).strip()
            if title and len(title) < LONG_TITLE and not is_box_title(title) and (is_asked or _ends_asking(title)):
                return key
    return None


def _ends_asking(text: str) -> bool:
    """Whether a text ends in a question mark of any script."""
    return ends_in_question_mark(with_plain_marks(text.strip()))


def titled_pair(row: Mapping[str, Any], text: str | None = None, is_asked: bool = False) -> tuple[str, str] | None:
    """The keys of a title that asks and of the text that answers it, as in the exports of help desks.

    `text`: the key of the text, if it is known. `is_asked`: the title asks without a mark. A long text, or one with
    further questions, is a page of its own.
    """
    title = _title_of(row, is_asked)
    if title is None or title == text:
        return None
    named = {plain_name(str(key)): key for key in reversed(list(row)) if key != title}
    for key in [text] if text is not None else _bodies(named):
        body = row.get(key) if key is not None else None
        if isinstance(body, (str, list, Mapping)) and (is_text(body) or is_wrapped(body)):
            parts = [body[language] for language in languages_of(body)] or [body]
            answers = [answer for part in parts if (answer := without_markup(plain_text(part))).strip()]
            if answers:
                is_page = any(
                    len(answer) >= LONG_BODY or any(map(_ends_asking, answer.split("\n"))) for answer in answers
                )
                return None if is_page else (title, key or "")
    return None


def _bodies(named: Mapping[str, str]) -> Iterator[str | None]:
    """The keys of what can answer a title, the most specific first, then those whose name ends in such a word."""
    yield from map(named.get, _BODIES)
    for name, key in named.items():
        first, _, last = name.rpartition("_")
        if first and last in _LAST_WORDS and _NO_BODY.isdisjoint(first.split("_")):
            yield key


_LAST_WORDS = frozenset({"answer", "body", "content", "text", "html"})
_NO_BODY = frozenset(
    {"alt", "button", "cta", "link", "meta", "og", "placeholder", "seo", "short", "sub", "icon", "label"}
)


def _as_records(value: Any) -> list[Mapping[str, Any]]:
    """The records of a table that is written as rows below a header, or as a list of names with values; else none.

    The header is the first of the rows, or a list of its own beside them.
    """
    if isinstance(value, Mapping):
        lists = [inner for inner in value.values() if isinstance(inner, list) and inner]
        headers = [one for one in lists if _is_header(one)]
        for rows in lists:
            if headers and _are_rows(rows, len(headers[0])):
                return [dict(zip(headers[0], row, strict=True)) for row in rows]
    elif isinstance(value, list) and len(value) > 1:
        if isinstance(value[0], list) and _is_header(value[0]):
            rows = [row for row in value[1:] if isinstance(row, list)]
            return [dict(zip(value[0], row, strict=False)) for row in rows] if len(rows) == len(value) - 1 else []
        fields = _as_fields(value)
        return [fields] if _is_header(list(fields)) else []
    return []


def is_table(value: Any) -> bool:
    """Whether a value is, or holds, a table that is written as rows below a header."""
    return bool(_as_records(value)) or (isinstance(value, Mapping) and any(map(_as_records, value.values())))


def _is_header(names: list[Any]) -> bool:
    """Whether a list names the columns of a table with questions and answers."""
    if len(names) < 2 or not all(isinstance(name, str) and len(name) < LONG_KEY for name in names):
        return False
    return len(set(names)) == len(names) and any(answer for _, answer in layout_of(tuple(names), ()).pairs)


def _are_rows(values: list[Any], width: int) -> bool:
    return all(isinstance(row, list) and len(row) == width for row in values)


def _as_fields(values: list[Any]) -> dict[str, Any]:
    """The values of a list of fields, each of which has a name and a value, by their names; else empty."""
    fields: dict[str, Any] = {}
    for value in values:
        name = next((value[key] for key in _NAMES if key in value), None) if isinstance(value, Mapping) else None
        if not isinstance(name, str) or "value" not in value or name in fields:
            return {}
        fields[name] = value["value"]
    return fields


_NAMES = ("key", "name", "field", "label", "slug", "id")

_CODES = frozenset({"@type", "@context", "@id", "type", "_type", "_key", "nodeType"})  # of schema.org and rich text
MOST_UNUSED = 1000  # texts of an answer that are looked for in it; a hostile one has more


def unused_in(value: Any, name: str, left_out: LeftOut) -> Iterator[str]:
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
    value: Mapping[str, Any], given: Columns, depth: int, left_out: LeftOut, key: str = "", is_asked: bool = False
) -> Iterator[Loose | str]:
    """The pairs in a mapping. `is_asked`: its title is a question, because those beside it are."""
    layout = layout_of(tuple(map(str, value)), tuple(given)) if depth > 1 else Layout({})
    if any(_is_question(value.get(question), value.get(answer or "")) for question, answer in layout.pairs):
        yield from find_in_row(value, layout, given, left_out)
        return
    titled = titled_pair(value, is_asked=is_asked)
    if titled is not None:
        yield from find_in_row(value, Layout({}, (titled,)), given, left_out)
        return
    if records := _as_records(value):
        for record in records:
            yield from find_in_row(record, layout_of(tuple(record), ()), given, left_out)
        value = {name: inner for name, inner in value.items() if not isinstance(inner, list)}
    if _is_schema_question(value):
        name, answer = (
            value.get("name") or value.get("text"),
            value.get("acceptedAnswer") or value.get("suggestedAnswer"),
        )
        yield Loose(without_markup(plain_text(name)), without_markup(plain_text(answer)))
        for inner, one in value.items():
            if one is answer:
                yield from unused_in(one, inner, left_out)
            elif one is not name and inner != "@type":
                yield from find_in_value(one, given, depth + 1, left_out, inner)
        return
    asking = [key for key in value if _asks(key)]
    is_one = is_map(value)
    for name, inner in value.items():
        if is_one and not isinstance(inner, (int, float)) and (name in asking or _is_words(inner)):
            yield Loose(without_markup(name), without_markup(plain_text(inner)))
            yield from unused_in(inner, name, left_out)
        else:
            if _PROSE.search(str(name)) and len(str(name)) > LONG_KEY:
                yield without_markup(str(name))  # a sentence as a key
            yield from find_in_value(inner, given, depth + 1, left_out, str(name) or key)


LONG_KEY = 30  # characters; a longer key with blanks is a text


def _is_question(question: Any, answer: Any) -> bool:
    """Whether the value of a question's column is a question; "questions" may be a list of records."""
    return is_text(question) or _is_wrapped_title(question) or bool(_parallel(question, answer))


def _is_schema_question(value: Mapping[str, Any]) -> bool:
    kind = value.get("@type", "")
    return "acceptedAnswer" in value or "suggestedAnswer" in value or (isinstance(kind, str) and kind == "Question")


def _find_in_list(values: list[Any], given: Columns, depth: int, left_out: LeftOut, key: str) -> Iterator[Loose | str]:
    """The pairs of a list; of a chat, every message of a user with the answer below it."""
    if records := _as_records(values):
        for record in records:
            yield from find_in_row(record, layout_of(tuple(record), ()), given, left_out)
        return
    asked: str | None = None
    is_asked = _do_titles_ask(values)
    for value in values:
        role = _role(value)
        if role is None:
            if is_asked and isinstance(value, Mapping) and depth < MAX_DEPTH:
                yield from _find_in_mapping(value, given, depth + 1, left_out, key, is_asked)
            else:
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
        yield from unused_in(message, key, left_out)
    if asked is not None:
        yield asked


_ROLES = {
    **dict.fromkeys(("user", "human", "prompter", "customer"), "question"),
    **dict.fromkeys(("assistant", "gpt", "bot", "agent", "ai", "model"), "answer"),
    **dict.fromkeys(("system", "tool"), "other"),
}


def _do_titles_ask(values: list[Any]) -> bool:
    """Whether most of the records in a list have a title that asks: the others are questions without a mark."""
    records = [value for value in values if isinstance(value, Mapping)]
    asking = sum(_title_of(record) is not None for record in records)
    return asking > 1 and asking >= MOST_SIBLINGS * len(records)


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
