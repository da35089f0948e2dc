"""When two questions ask the same thing, and when they ask it of another scope.

A question is read as a demand (why, how, when, ...), a need (what is wanted) and a scope (what limits it). Equal
demand, need and scope: the same question. Equal demand and need, one scope a part of the other: a scope variant.
Guidelines, section 4; the words are in duplicates.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from pipeline.embedding import unit_vectors, with_vectors
from pipeline.likeness import likely_same, measure_likeness
from pipeline.linkage import average_linkage
from pipeline.wording import settings, stem

__all__ = ["Asked", "group_questions", "read_question", "related_questions", "same_questions"]

LIKELY = 0.4  # likelihood of one pair; patients' questions give F1 .77 at .35 and .4, Quora's .64 at both
CERTAIN = 0.9  # likelihood that joins large groups; at .8 two programmers' topics in ten run into one
GROUP = 0.15  # mean likelihood within a group; programmers' questions give F1 .70 at .1, .74 at .13 to .16, .70 at .2
LARGE = 6  # questions; so many that group on average are one topic, and a single likely pair joins no two of them
FAINT = 0.02  # likelihood that counts as none
LONGEST_FAQ = 14  # words; a longer question tells of a case, and what it adds limits nothing
HOT = 200  # questions of one need; contract: above 200 members each is paired with the canonical one


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
    stems = [vocabulary.same.get(stem(word), stem(word)) for word in need if word not in vocabulary.empty]
    scope = _scope(limit, vocabulary)
    return Asked(demand, modality, tuple(stems), scope - vocabulary.general, scope & vocabulary.general)


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
    stems = {stem(word) for word in words if word not in vocabulary.empty and word not in vocabulary.limits}
    if stems.isdisjoint(vocabulary.being_ill):
        stems |= {word for word in words if word in vocabulary.telling_limits}
    return frozenset(stems)


def related_questions(keys: Sequence[str]) -> pd.DataFrame:
    """Pairs of distinct questions with one need: a, b (a < b, numbers into `keys`), kind, score, reason."""
    by_need: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    asked = [read_question(key) for key in keys]
    for number, what in enumerate(asked):
        if what.need:
            by_need.setdefault((what.demand, what.need), []).append(number)
    rows: list[tuple[int, int, str, float, str]] = []
    for members in by_need.values():
        for place, a in enumerate(members if len(members) <= HOT else members[:1]):
            for b in members[place + 1 :]:
                found = _compare(asked[a], asked[b])
                is_story = max(keys[a].count(" "), keys[b].count(" ")) >= LONGEST_FAQ
                if found and not (is_story and found[0] == "scope_variant"):
                    rows.append((a, b, *found))
    return pd.DataFrame(rows, columns=["a", "b", "kind", "score", "reason"])


def _compare(a: Asked, b: Asked) -> tuple[str, float, str] | None:
    """Kind, score and reason for two questions of one demand and need; None when their scopes are at odds."""
    is_same_scope = a.scope == b.scope and (bool(a.scope) or a.general == b.general)
    if is_same_scope and a.modality == b.modality:
        return "paraphrased_question", 0.95, "Both questions ask for the same thing in other words."
    if len(a.need) < 2 or not (a.scope <= b.scope or b.scope <= a.scope):
        return None
    if is_same_scope:
        return "scope_variant", 0.7, "Both questions ask for the same thing, the one more strongly than the other."
    differ = ", ".join(sorted((a.scope ^ b.scope) or (a.general ^ b.general)))
    return "scope_variant", 0.7, f"Both questions ask for the same thing, but only one limits it to: {differ}."


def group_questions(keys: Sequence[str], related: pd.DataFrame) -> dict[str, str]:
    """For each question that others ask too, the one that stands for them: the shortest, then the first."""
    leader = {number: number for number in range(len(keys))}

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    same = related[related["kind"] == "paraphrased_question"]
    for a, b in zip(same["a"], same["b"], strict=True):
        leader[find(b)] = find(a)
    groups: dict[int, list[str]] = {}
    for number, key in enumerate(keys):
        groups.setdefault(find(number), []).append(key)
    return {
        key: min(group, key=lambda key: (len(key), key)) for group in groups.values() if len(group) > 1 for key in group
    }


def same_questions(keys: Sequence[str], embedder: Any = None) -> pd.DataFrame:
    """Pairs of distinct questions held to ask the same: a, b (a < b, numbers into `keys`), kind, score, reason.

    By their words: what the rules of `related_questions` call a paraphrase, every pair of a large group that is alike
    on average, and likely pairs outside of large groups. Scope variants are none.
    """
    ruled = related_questions(keys)
    likely = _likelihoods(keys, embedder)
    groups = average_linkage(len(keys), ((a, b, score) for (a, b), score in likely.items()), GROUP)
    large = [group for group in groups if len(group) >= LARGE]
    grouped = {number for group in large for number in group}
    pairs = {
        pair: score
        for pair, score in likely.items()
        if score >= CERTAIN or (score >= LIKELY and grouped.isdisjoint(pair))
    }
    pairs |= {pair: likely.get(pair, GROUP) for group in large for pair in _pairs_of(group)}
    is_variant = ruled["kind"] == "scope_variant"
    for a, b in zip(ruled["a"][is_variant], ruled["b"][is_variant], strict=True):
        pairs.pop((a, b), None)
    reason = "The two questions ask the same in other words."
    rows = [(a, b, "paraphrased_question", round(score, 4), reason) for (a, b), score in sorted(pairs.items())]
    found = pd.DataFrame(rows, columns=["a", "b", "kind", "score", "reason"])
    return pd.concat([ruled[~is_variant], found], ignore_index=True).drop_duplicates(["a", "b"])


def _pairs_of(group: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Every pair of a group of up to 200; in a larger one each member with the first."""
    for place, a in enumerate(group if len(group) <= HOT else group[:1]):
        for b in group[place + 1 :]:
            yield a, b


def _likelihoods(keys: Sequence[str], embedder: Any) -> dict[tuple[int, int], float]:
    """How likely two questions ask the same, for every pair that is not unlikely out of hand."""
    likeness = measure_likeness(keys)
    a, b, score = likeness.a, likeness.b, likely_same(likeness, "questions")
    if embedder is not None and keys:
        a, b, score = with_vectors(unit_vectors(embedder, keys), a, b, score)
    counts = score >= FAINT
    return dict(zip(zip(a[counts].tolist(), b[counts].tolist(), strict=True), score[counts].tolist(), strict=True))
