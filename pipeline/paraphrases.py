"""When two questions ask the same thing, and when they ask it of another scope.

A question is read as a demand (why, how, when, ...), a need (what is wanted) and a scope (what limits it). Equal
demand, need and scope: the same question. Equal demand and need, one scope a part of the other: a scope variant.
Guidelines, section 4; the words are in duplicates.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.asked import Asked, read_question
from pipeline.comparing import compare_questions
from pipeline.edits import find_turn
from pipeline.embedding import unit_vectors, with_vectors
from pipeline.likeness import likely_same, measure_likeness
from pipeline.linkage import average_linkage
from pipeline.trees import Trees, likelihood

__all__ = ["figures_of_pairs", "group_questions", "related_questions", "same_questions", "with_likely_questions"]

Numbers = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]

LIKELY = (
    0.42  # likelihood of one pair; on questions the trees have not seen F1 .77 for patients' and .71 for Quora's; at
)
# .35 the same with 4 pairs returned for each question, at .5 Quora's .70
GROUP = 0.27  # mean likelihood within a group; programmers' questions give F1 .76 at .17, .74 at .25, .77 at .27 and .3
LARGE, TOPICAL = (
    3,
    0.75,
)  # questions, and share of all: that many in groups that large, and the frame is a collection of
# topics; of programmers' questions .93 are, of patients' .55, of Quora's .40, where groups cost F1 .04
FAINT = 0.02  # likelihood that counts as none
LONGEST_FAQ = 14  # words; a longer question tells of a case, and what it adds limits nothing
ALIKE = 0.5  # mean likelihood of two groups that a run makes one
FIRST_LOOK = (
    0.03  # likelihood by words' weights below which no pair is looked at closely: 4 questions in 1,000 are lost
)
HOT = 200  # questions of one need; contract: above 200 members each is paired with the canonical one


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
    """For each question that others ask too, the one that stands for them: the shortest, then the first.

    Questions that the rules read alike are one; further paraphrases join while they are alike on average, so that
    one pair too many runs no two groups together.
    """
    first: dict[object, int] = {}
    stands = [first.setdefault(_meaning(key) or number, number) for number, key in enumerate(keys)]
    likeness: dict[tuple[int, int], float] = {}
    same = related[related["kind"] == "paraphrased_question"]
    for a, b, score in zip(same["a"], same["b"], same["score"], strict=True):
        one, other = sorted((stands[a], stands[b]))
        if one != other:
            likeness[one, other] = max(score, likeness.get((one, other), 0.0))
    joined = average_linkage(len(keys), ((a, b, score) for (a, b), score in likeness.items()), ALIKE)
    leader = {number: group[0] for group in joined for number in group}
    groups: dict[int, list[str]] = {}
    for key, number in zip(keys, stands, strict=True):
        groups.setdefault(leader.get(number, number), []).append(key)
    return {
        key: min(group, key=lambda key: (len(key), key)) for group in groups.values() if len(group) > 1 for key in group
    }


def _meaning(key: str) -> object:
    """What two questions have in common just when the rules call them paraphrases; None when nothing is wanted."""
    asked = read_question(key)
    return (asked.demand, asked.modality, asked.need, asked.scope, asked.scope or asked.general) if asked.need else None


def same_questions(keys: Sequence[str], embedder: Any = None) -> pd.DataFrame:
    """Pairs of distinct questions held to ask the same: a, b (a < b, numbers into `keys`), kind, score, reason.

    What the rules of `related_questions` call a paraphrase, and pairs that are likely by their words. Where nearly
    every question stands in a group, the groups decide: every pair in one, and none between two. Scope variants are
    none, nor is a pair of which only one negates, or has another number, unit or an opposite.
    """
    ruled = related_questions(keys)
    likely = _likelihoods(keys, embedder)
    groups = average_linkage(len(keys), ((a, b, score) for (a, b), score in likely.items()), GROUP)
    if sum(len(group) for group in groups if len(group) >= LARGE) >= TOPICAL * len(keys):
        pairs = {pair: likely.get(pair, GROUP) for group in groups for pair in _pairs_of(group)}
    else:
        pairs = {pair: score for pair, score in likely.items() if score >= LIKELY}
    is_variant = ruled["kind"] == "scope_variant"
    for a, b in zip(ruled["a"][is_variant], ruled["b"][is_variant], strict=True):
        pairs.pop((a, b), None)
    pairs = {(a, b): score for (a, b), score in pairs.items() if not find_turn(keys[a], keys[b])}
    reason = "The two questions ask the same in other words."
    rows = [(a, b, "paraphrased_question", round(score, 4), reason) for (a, b), score in sorted(pairs.items())]
    found = pd.DataFrame(rows, columns=["a", "b", "kind", "score", "reason"])
    return pd.concat([ruled[~is_variant], found], ignore_index=True).drop_duplicates(["a", "b"])


def with_likely_questions(keys: Sequence[str], ruled: pd.DataFrame, embedder: Any) -> pd.DataFrame:
    """The pairs of `related_questions`, and those that a sentence model holds to ask the same; columns as there."""
    found = pd.concat([ruled, same_questions(keys, embedder)], ignore_index=True).drop_duplicates(["a", "b"])
    return found.sort_values(["a", "b"], ignore_index=True)


def _pairs_of(group: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Every pair of a group of up to 200; in a larger one each member with the first."""
    for place, a in enumerate(group if len(group) <= HOT else group[:1]):
        for b in group[place + 1 :]:
            yield a, b


def _likelihoods(keys: Sequence[str], embedder: Any) -> dict[tuple[int, int], float]:
    """How likely two questions ask the same, for every pair that is not unlikely out of hand."""
    a, b, figures = figures_of_pairs(keys)
    score = likelihood(Trees.read("questions"), figures)
    if embedder is not None and keys:
        a, b, score = with_vectors(unit_vectors(embedder, keys), a, b, score)
    counts = score >= FAINT
    return dict(zip(zip(a[counts].tolist(), b[counts].tolist(), strict=True), score[counts].tolist(), strict=True))


def figures_of_pairs(keys: Sequence[str]) -> tuple[Numbers, Numbers, Figures]:
    """The pairs a < b that are worth a closer look, and for each a row of what the trees ask about it.

    First the measures of `likeness`, then those of `comparing`.
    """
    likeness = measure_likeness(keys, are_questions=True)
    seen = likely_same(likeness, "questions") >= FIRST_LOOK
    a, b = likeness.a[seen], likeness.b[seen]
    return a, b, np.column_stack([likeness.measures[seen], compare_questions(keys, a, b)])
