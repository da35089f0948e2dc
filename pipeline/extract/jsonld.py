"""Finds the questions and answers of schema.org in JSON-LD blocks, also broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.extract.cells import without_markup
from pipeline.extract.html_text import Loose
from pipeline.extract.loose_json import read_loose_json


def questions_in(script: str) -> list[Loose]:
    """The questions of a JSON-LD block, in order, each with its accepted answer, else with the first.

    Other answers follow it without a question.

    >>> questions_in('{"@type": "Question", "name": "Is it safe?", "acceptedAnswer": {"text": "<p>Yes.</p>"}, }')
    [Loose(question='Is it safe?', answer='Yes.')]
    """
    found = [
        Loose(_words(question), _words(answer))
        for value in read_loose_json(script)
        for question, answer in _questions(value)
    ]
    return [pair for pair in found if pair.question or pair.answer]


def _words(text: str) -> str:
    return without_markup(re.sub(r"\r\n?", "\n", text)).strip()


def _questions(value: Any) -> Iterator[tuple[str, str]]:
    """Every question in a JSON value, however deep, in order; "" as the question of its other answers."""
    nodes: dict[str, Mapping[str, Any]] = {}
    waiting = [value]
    questions: list[Mapping[str, Any]] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if isinstance(own := value.get("@id"), str) and len(value) > 1:
                nodes.setdefault(own, value)
            if _is_question(value):
                questions.append(value)
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
    for question in questions:
        yield from _answered(question, nodes)


_ANSWERS = ("acceptedanswer", "suggestedanswer")


def _is_question(value: Mapping[str, Any]) -> bool:
    """Whether a value is a question: by its type in any spelling, or because it has an answer."""
    kinds = value.get("@type", value.get("type"))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if any(isinstance(kind, str) and re.split("[/:#]", kind.strip())[-1].lower() == "question" for kind in kinds):
        return True
    return any(key.lower() in _ANSWERS for key in value)


def _answered(question: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """A question with its accepted answer, else with the first. `nodes`: what a reference by "@id" refers to."""
    question = {key.lower(): value for key, value in question.items()}
    name = _text(question.get("name") or question.get("text") or question.get("headline"))
    if not name.strip():
        return
    answers = [_referred(a, nodes) for key in _ANSWERS for a in _listed(_referred(question.get(key), nodes))]
    texts = [text for text in (_text(answer) for answer in answers) if text.strip()]
    yield name, texts[0] if texts else ""
    for text in texts[1:]:
        yield "", text


def _referred(value: Any, nodes: Mapping[str, Mapping[str, Any]]) -> Any:
    """The node that a mapping with nothing but an "@id" refers to; any other value is itself."""
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(own := value.get("@id"), str):
        return nodes.get(own, value)
    return value


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
