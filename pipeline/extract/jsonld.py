"""Finds the questions and answers of schema.org in JSON-LD blocks, also broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.extract.html_text import Loose, visible_text
from pipeline.extract.loose_json import read_loose_json


def questions_in(script: str) -> list[Loose]:
    """The questions of a JSON-LD block, in order: one pair per answer, the accepted one first.

    >>> questions_in('{"@type": "Question", "name": "Is it safe?", "acceptedAnswer": {"text": "<p>Yes.</p>"}, }')
    [Loose(question='Is it safe?', answer='Yes.')]
    """
    pairs = [
        Loose(_words(question), _words(answer))
        for value in read_loose_json(script)
        for question, answer in _questions(value)
    ]
    return [pair for pair in pairs if pair.question]


def _words(text: str) -> str:
    text = re.sub(r"\r\n?", "\n", text)
    return visible_text(text) if "<" in text or "&" in text else text.strip()


def _questions(value: Any) -> Iterator[tuple[str, str]]:
    """Every question in a JSON value, however deep, in order."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if _is_question(value):
                yield from _answered(value)
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


_ANSWERS = ("acceptedanswer", "suggestedanswer")


def _is_question(value: Mapping[str, Any]) -> bool:
    """Whether a value is a question: by its type in any spelling, or because it has an answer."""
    kinds = value.get("@type", value.get("type"))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if any(isinstance(kind, str) and re.split("[/:#]", kind.strip())[-1].lower() == "question" for kind in kinds):
        return True
    return any(key.lower() in _ANSWERS for key in value)


def _answered(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    question = {key.lower(): value for key, value in question.items()}
    name = _text(question.get("name") or question.get("text") or question.get("headline"))
    answers = [a for key in _ANSWERS for a in _listed(question.get(key))]
    texts = [text for text in (_text(answer) for answer in answers) if text.strip()]
    for text in texts or [""]:
        yield name, text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    """A text, also where it is wrapped: {"@value": ...}, an answer, a list of one."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, Mapping):
            value = {key.lower(): inner for key, inner in value.items()}
            value = value.get("text", value.get("@value", value.get("name", "")))
    return value if isinstance(value, str) else ""
