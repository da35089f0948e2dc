"""Finds questions that ask the same with the help of a sentence-embedding model: it proposes, the guards decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pipeline.duplicates.embeddings import nearest_pairs, unit_vectors
from pipeline.duplicates.question_intent import Intent, guards_agree, read_intent
from pipeline.limits import LARGEST_GROUP

__all__ = ["ModelGroups", "group_by_model"]

PROPOSED = 0.6  # cosine from which on a pair is proposed; the guards decide


@dataclass(frozen=True)
class ModelGroups:
    """Questions that a model finds alike and that no guard keeps apart, by number.

    pairs: every pair (a < b) of a group. groups: the first question of the group of each question that has company.
    """

    pairs: list[tuple[int, int]]
    groups: dict[int, int]


def group_by_model(keys: Sequence[str], embedder: Any) -> ModelGroups:
    """The groups of questions that the model and the guards hold to ask the same.

    keys: question keys, no two with one need, sorted. Pairs join groups in the order of their cosine. Two groups join
    only if the guards agree on every pair between them: a chain never joins two questions that the guards keep apart.
    """
    intents = [read_intent(key) for key in keys]
    group_of = {number: [number] for number in range(len(keys))}
    proposed = [(-cosine, a, b) for a, b, cosine in nearest_pairs(unit_vectors(embedder, keys)) if cosine >= PROPOSED]
    for _, a, b in sorted(proposed):
        one, other = group_of[a], group_of[b]
        if one is not other and len(one) + len(other) <= LARGEST_GROUP and _agree(intents, one, other):
            one += other
            group_of.update(dict.fromkeys(other, one))
    groups = {number: min(group) for number, group in group_of.items() if len(group) > 1}
    pairs = [
        pair for number, first in groups.items() if number == first for pair in combinations(sorted(group_of[first]), 2)
    ]
    return ModelGroups(pairs, groups)


def _agree(intents: Sequence[Intent], one: Sequence[int], other: Sequence[int]) -> bool:
    return all(guards_agree(intents[a], intents[b]) for a in one for b in other)
