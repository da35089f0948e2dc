"""Finds the questions and answers of schema.org in JSON-LD blocks, also broken ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.extract.html_text import Loose, visible_text


def questions_in(script: str) -> list[Loose]:
    """The questions of a JSON-LD block, in order: one pair per answer, the accepted one first.

    >>> questions_in('{"@type": "Question", "name": "Is it safe?", "acceptedAnswer": {"text": "<p>Yes.</p>"}, }')
    [Loose(question='Is it safe?', answer='Yes.')]
    """
    try:
        found = list(_questions(json.loads(script, strict=False, parse_int=str, parse_float=str)))
    except (ValueError, RecursionError):
        found = list(_salvaged(script))
    pairs = [Loose(_words(question), _words(answer)) for question, answer in found]
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


def _is_question(value: Mapping[str, Any]) -> bool:
    kinds = value.get("@type", value.get("type"))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rsplit("/", 1)[-1] == "Question" for kind in kinds)


def _answered(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = _text(question.get("name") or question.get("text") or question.get("headline"))
    answers = [a for key in ("acceptedAnswer", "suggestedAnswer") for a in _listed(question.get(key))]
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
            value = value.get("text", value.get("@value", value.get("name", "")))
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- broken blocks

_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)|[:,{}\[\]]', re.DOTALL)  # a cut text ends with the block


def _salvaged(script: str) -> Iterator[tuple[str, str]]:
    """Questions from the keys and texts alone: a comma too many, a missing bracket or a cut end lose nothing else."""
    question, in_answer = "", False
    texts: list[str] = []
    for key, value in _texts(script):
        if key == "@type" and value == "Question":
            if question:
                yield question, "\n".join(texts)
            question, texts, in_answer = "", [], False
        elif key == "@type":
            in_answer = value == "Answer"
        elif key in ("name", "text") and not question and not in_answer:
            question = value
        elif key == "text" and question and not texts:
            texts = [value]
    if question:
        yield question, "\n".join(texts)


def _texts(script: str) -> Iterator[tuple[str, str]]:
    """Every key whose value is a text, with that text."""
    last = key = None
    for match in _TOKEN.finditer(script):
        if match[1] is None:
            key, last = (last if match[0] == ":" else None), None
        elif key is None:
            last = match[1]
        else:
            yield key, _unescaped(match[1])
            key = None


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
