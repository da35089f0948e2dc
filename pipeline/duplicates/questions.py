"""When two questions ask the same thing, and when they ask it of another scope.

A question is read as a demand (why, how, when, ...), a need (what is wanted) and a scope (what limits it). Equal
demand, need and scope: the same question. Equal demand and need, one scope a part of the other: a scope variant.
Guidelines, section 4; the words are in duplicates.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.duplicates.edits import find_turn
from pipeline.duplicates.embeddings import unit_vectors, with_vectors
from pipeline.duplicates.in_memory.likeness import likely_same, measure_likeness
from pipeline.duplicates.in_memory.linkage import average_linkage
from pipeline.duplicates.in_memory.trees import Trees, likelihood
from pipeline.duplicates.question_comparison import compare_questions
from pipeline.duplicates.question_intent import Asked, read_question
from pipeline.limits import LARGEST_GROUP

__all__ = ["figures_of_pairs", "group_questions", "related_questions", "same_questions", "with_likely_questions"]

Numbers = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """Trees in a file, and from where on their word is taken: the likelihood of a pair, and the mean of a group."""

    trees: str
    likely: float
    group: float


# F1 of questions that the trees have not seen, and pairs returned for each question:
#            patients'      Quora's       in frames of 20 of theirs
#   .35      .774   1.0     .718   3.4    .744  .675
#   .40      .774    .8     .713   2.9    .738  .677
#   .45      .770    .7     .701   2.4    .728  .675
#   .50      .763    .6     .679   2.1    .712  .655
# Of 100 questions without their like in a frame of 200, one is returned at .45 and two at .40.
# In groups programmers' questions give .77 at .15, .81 at .25, .80 at .3.
BY_WORDS = Model("questions", likely=0.42, group=0.27)
# With vectors, at .45: patients' .89, Quora's .78, consumers' .98; in groups .91 at .3, .94 at .35, .96 at .4.
BY_VECTORS = Model("questions_by_vectors", likely=0.45, group=0.4)
LARGE = 3  # questions: groups that large ...
TOPICAL = 0.75  # ... with that share of all questions make a frame a collection of topics; of programmers' questions
# .93 are in such groups, of patients' .55, of Quora's .40, where groups cost F1 .04; with vectors .96, .18 and .23
FAINT = 0.02  # likelihood that counts as none
LONGEST_FAQ = 14  # words; a longer question tells of a case, and what it adds limits nothing
ALIKE = 0.5  # mean likelihood of two groups that a run makes one
FIRST_LOOK = 0.03  # likelihood by words' weights; 4 pairs of 1,000 that ask the same are below it


def related_questions(keys: Sequence[str]) -> pd.DataFrame:
    """Pairs of distinct questions with one need: a, b (a < b, numbers into `keys`), kind, score, reason."""
    by_need: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    asked = [read_question(key) for key in keys]
    for number, what in enumerate(asked):
        if what.need:
            by_need.setdefault((what.demand, what.need), []).append(number)
    rows: list[tuple[int, int, str, float, str]] = []
    for members in by_need.values():
        for place, a in enumerate(members if len(members) <= LARGEST_GROUP else members[:1]):
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
    found = with_likely_questions(keys, related_questions(keys), embedder)
    return found[found["kind"] != "scope_variant"]


def with_likely_questions(keys: Sequence[str], ruled: pd.DataFrame, embedder: Any) -> pd.DataFrame:
    """The pairs of `related_questions`, and those that are likely to ask the same; sorted, columns as there."""
    known = set(zip(ruled["a"], ruled["b"], strict=True))
    reason = "The two questions ask the same in other words."
    likely = [
        (a, b, "paraphrased_question", round(score, 4), reason)
        for (a, b), score in _likely_pairs(keys, embedder).items()
        if (a, b) not in known and not find_turn(keys[a], keys[b])
    ]
    rows = sorted([*ruled.itertuples(index=False, name=None), *likely])
    return pd.DataFrame(rows, columns=ruled.columns)


def _likely_pairs(keys: Sequence[str], embedder: Any) -> dict[tuple[int, int], float]:
    """Pairs of questions that are likely to ask the same, one by one or, in a collection of topics, by groups."""
    model = BY_WORDS if embedder is None else BY_VECTORS
    likely = _likelihoods(keys, model, embedder)
    groups = average_linkage(len(keys), ((a, b, score) for (a, b), score in likely.items()), model.group)
    if sum(len(group) for group in groups if len(group) >= LARGE) >= TOPICAL * len(keys):
        return {pair: likely.get(pair, model.group) for group in groups for pair in _pairs_of(group)}
    return {pair: score for pair, score in likely.items() if score >= model.likely}


def _pairs_of(group: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Every pair of a group of up to 200; in a larger one each member with the first."""
    for place, a in enumerate(group if len(group) <= LARGEST_GROUP else group[:1]):
        for b in group[place + 1 :]:
            yield a, b


def _likelihoods(keys: Sequence[str], model: Model, embedder: Any) -> dict[tuple[int, int], float]:
    """How likely two questions ask the same, for every pair that is not unlikely out of hand."""
    a, b, figures = figures_of_pairs(keys, embedder)
    score = likelihood(Trees.read(model.trees), figures)
    counts = score >= FAINT
    return dict(zip(zip(a[counts].tolist(), b[counts].tolist(), strict=True), score[counts].tolist(), strict=True))


def figures_of_pairs(keys: Sequence[str], embedder: Any = None) -> tuple[Numbers, Numbers, Figures]:
    """The pairs a < b that are worth a closer look, and for each a row of what the trees ask about it.

    First the measures of `likeness`, then those of `comparing`, with an embedder those of `embedding`, and last how
    many questions there are: in a small frame no word is rare and no question has near neighbours, whatever they ask.
    """
    likeness = measure_likeness(keys, are_questions=True)
    seen = likely_same(likeness, "questions") >= FIRST_LOOK
    a, b = likeness.a[seen], likeness.b[seen]
    figures = np.column_stack([likeness.measures[seen], compare_questions(keys, a, b)])
    if embedder is not None and keys:
        a, b, figures = with_vectors(unit_vectors(embedder, keys), a, b, figures)
    return a, b, np.column_stack([figures, np.full(len(a), np.log1p(len(keys)))])
