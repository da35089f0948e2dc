"""Finds questions and answers in the data that the application of a page holds as JSON: Next, Nuxt and others."""

from __future__ import annotations

import json
from typing import Any

from pipeline.extract.html_text import Loose
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
        return [pair for pair in pairs_in(_resolved(value)) if pair.question.strip() and pair.answer.strip()]
    except (ValueError, RecursionError):
        return []


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
