"""Finds questions and answers in the data that a page holds for its application: Next, Nuxt, Apollo and others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.extract.html_text import Loose
from pipeline.extract.loose_json import read_loose_json
from pipeline.extract.nested_values import pairs_in

MAX_DEPTH = 40  # of references to references


def pairs_in_data(script: str) -> list[Loose]:
    """The pairs in a block of JSON, in order; none where it is broken.

    >>> pairs_in_data('{"props": {"faqs": [{"question": "Is it free?", "answer": "<p>Yes.</p>"}]}}')
    [Loose(question='Is it free?', answer='Yes.')]
    >>> pairs_in_data('[{"list": 1}, [2], {"question": 3, "answer": 4}, "Is it free?", "Yes."]')
    [Loose(question='Is it free?', answer='Yes.')]
    """
    try:
        value = json.loads(script, strict=False, parse_int=_Reference, parse_float=str)
        return _answered(_resolved(value))
    except (ValueError, RecursionError):
        return []


# A name of the state of an application, and what is assigned to it: an object, a list, or JSON in a string.
_ASSIGNED = re.compile(
    r"(?:window|self|globalThis)(?:\.|\[\s*[\"'])[\w$.-]{1,60}(?:[\"']\s*\])?\s*=\s*(?:(?P<value>[\[{])|JSON\.parse\(\s*(?P<text>[\"']))"
)
_FLIGHT = re.compile(r"self\.__next_f\.push\(")
_NAMED = re.compile(r"question|faq|answer", re.IGNORECASE)  # every state with pairs has one of them
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)


def pairs_in_programs(scripts: Sequence[str]) -> list[Loose]:
    """The pairs in the state that scripts of a page give to its application, in order.

    >>> pairs_in_programs(['window.__STATE__ = {faq: [{question: "Is it free?", answer: "Yes."}]};'])
    [Loose(question='Is it free?', answer='Yes.')]
    """
    found: list[Loose] = []
    for script in scripts:
        if _NAMED.search(script) is not None:
            for value in _states(script):
                found += _answered(value)
    if any("__next_f" in script for script in scripts):
        flight = "".join(_flight(scripts))
        if _NAMED.search(flight) is not None:
            for row in flight.split("\n"):
                found += _answered(_row(row))
    return found


def _states(script: str) -> Iterator[Any]:
    """The values that a script assigns to properties of its window."""
    at = 0
    while (assigned := _ASSIGNED.search(script, at)) is not None:
        at = assigned.end()
        start = at - 1
        if assigned["value"]:
            end = script.find("</script", start)
            try:
                value, at = _DECODER.raw_decode(script, start)
                yield value
            except (ValueError, RecursionError):
                yield from read_loose_json(script[start : end if end >= 0 else len(script)])[:1]
                return  # the end of a loose value is not known
        elif assigned["text"] == '"':
            try:
                text, at = _DECODER.raw_decode(script, start)
                yield _DECODER.decode(text)
            except (ValueError, RecursionError):
                return


def _flight(scripts: Sequence[str]) -> Iterator[str]:
    """The pieces of the stream that a Next application (app router) writes into scripts."""
    for script in scripts:
        for piece in _FLIGHT.split(script)[1:]:  # pieces, because an error counts the lines before it
            try:
                value, _ = _DECODER.raw_decode(piece)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
                yield value[1]


def _row(row: str) -> Any:
    """The value of a row of that stream, "5:[...]"; None if it is no JSON."""
    try:
        return _DECODER.decode(row.partition(":")[2])
    except (ValueError, RecursionError):
        return None


def _answered(value: Any) -> list[Loose]:
    return [pair for pair in pairs_in(value) if pair.question.strip() and pair.answer.strip()]


class _Reference(str):
    """A whole number, which may be the place of a value in a flat list."""


def _resolved(value: Any) -> Any:
    """The data with references replaced: Nuxt writes all values in one flat list, and their places in the others."""
    if not isinstance(value, list) or not any(isinstance(item, dict) for item in value):
        return value
    objects = [item for item in value if isinstance(item, dict) and item]
    if not all(isinstance(inner, _Reference) for item in objects for inner in item.values()):
        return value
    return [{key: _at(value, inner, 0) for key, inner in item.items()} for item in objects]


def _at(values: list[Any], reference: Any, depth: int) -> Any:
    """The value at a place, with the references in a list resolved; objects stand by themselves."""
    if not isinstance(reference, _Reference) or depth > MAX_DEPTH or not reference.isdigit():
        return None
    place = int(reference[:9])
    value = values[place] if place < len(values) else None
    if isinstance(value, list):
        parts = [_at(values, item, depth + 1) for item in value[:200]]
        return [part for part in parts if isinstance(part, str)]
    return None if isinstance(value, dict) else value
