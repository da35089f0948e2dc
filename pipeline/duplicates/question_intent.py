"""What a question asks, read off its words: a demand, a need and a scope.

The demand is what its opening asks for (why, how, when, ...), the need what is wanted, the scope what limits it.
The words are in duplicates.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.duplicates.vocabulary import settings, stem

__all__ = ["Asked", "read_question"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks: `scope` holds the words that limit it, `general` those that limit it only loosely."""

    demand: str
    modality: str
    need: tuple[str, ...]
    scope: frozenset[str]
    general: frozenset[str]


@dataclass(frozen=True)
class Demand:
    """A demand and the openings that show it."""

    name: str
    modality: str
    opening: re.Pattern[str]
    closing: frozenset[str]
    only_with: frozenset[str]
    keeps_opening: bool


@dataclass(frozen=True)
class Vocabulary:
    """The words of duplicates.toml, ready for use; those that are compared are stems."""

    demands: tuple[Demand, ...]
    empty: frozenset[str]
    limits: frozenset[str]
    telling_limits: frozenset[str]
    being_ill: frozenset[str]
    general: frozenset[str]
    same: dict[str, str]


@cache
def _vocabulary() -> Vocabulary:
    data = settings()["questions"]
    anybody = "(?:" + "|".join(data["anybody"]) + ")"
    demands = tuple(
        Demand(
            name=entry["name"],
            modality=entry.get("modality", ""),
            opening=re.compile(
                "(?:" + "|".join(form.replace("{anybody}", anybody) for form in entry["opening"]) + r")(?!\S)"
            ),
            closing=frozenset(entry.get("closing", ())),
            only_with=frozenset(entry.get("only_with", ())),
            keeps_opening=entry.get("keep_opening", False),
        )
        for entry in data["demand"]
    )
    words = data["words"]
    return Vocabulary(
        demands=demands,
        empty=frozenset(words["empty"]),
        limits=frozenset(words["limits"]),
        telling_limits=frozenset(words["telling_limits"]),
        being_ill=frozenset(stem(word) for word in words["being_ill"]),
        general=frozenset(stem(word) for word in words["general"]),
        same={stem(word): stem(group[0]) for group in words["same"] for word in group},
    )


def read_question(key: str) -> Asked:
    """What the question with this `question_key` asks.

    >>> asked = read_question("why is it important to get a second opinion on breast cancer")
    >>> asked.demand, asked.need, sorted(asked.scope)
    ('why', ('get', 'second', 'opinion'), ['breast', 'cancer'])
    """
    vocabulary = _vocabulary()
    words = key.split()
    found = next((d for d in vocabulary.demands if _shows(d, key, words)), None)
    if found is None:
        demand, modality, rest = "", "", words
    else:
        opening = found.opening.match(key)
        end = 0 if found.keeps_opening or opening is None else opening.end()
        demand, modality, rest = found.name, found.modality, key[end:].split()
        if rest and rest[-1] in found.closing:
            rest.pop()
    need, limit = _split_scope(rest, vocabulary)
    stems = [_wanted(word) for word in need if word not in vocabulary.empty]
    scope = _scope(limit, vocabulary)
    return Asked(demand, modality, tuple(stems), scope - vocabulary.general, scope & vocabulary.general)


_stem = lru_cache(maxsize=1 << 16)(stem)


@lru_cache(maxsize=1 << 16)
def _wanted(word: str) -> str:
    """What a word of a need stands for: words that mean the same there share it."""
    found = _stem(word)
    return _vocabulary().same.get(found, found)


def _shows(demand: Demand, key: str, words: Sequence[str]) -> bool:
    """Whether the question opens as this demand does, with a word that it calls for if it calls for one."""
    return bool(demand.opening.match(key)) and (not demand.only_with or not demand.only_with.isdisjoint(words))


def _split_scope(words: Sequence[str], vocabulary: Vocabulary) -> tuple[Sequence[str], Sequence[str]]:
    """What is wanted, and the words that limit it: from the first limiting word after a telling one."""
    has_need = False
    for place, word in enumerate(words):
        if has_need and word in vocabulary.limits:
            return words[:place], words[place:]
        has_need = has_need or word not in vocabulary.empty
    return words, ()


def _scope(words: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """The stems that limit a question."""
    stems = {_stem(word) for word in words if word not in vocabulary.empty and word not in vocabulary.limits}
    if stems.isdisjoint(vocabulary.being_ill):
        stems |= {word for word in words if word in vocabulary.telling_limits}
    return frozenset(stems)
