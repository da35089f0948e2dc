"""Two questions side by side: what the weights of their words do not tell.

Whether they demand the same, whether only one negates or has other numbers, where they begin and end, whether what
they share stands in one order, and how alike they are by their letters. In arrays, for many pairs at a time; each
figure depends on the two questions alone, but for the letters, whose rare runs weigh more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.duplicates.question_intent import read_question
from pipeline.duplicates.vocabulary import settings, stem, words_of

__all__ = ["COMPARISONS", "compare_questions"]

LONGEST = 40  # words of a question that are looked at for their order; a longer one tells of a case
RUN = 3  # letters; runs of 3 and 4 together tell no more
CHUNK = 10_000  # pairs compared at a time: about 30 MB

Numbers = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]

COMPARISONS = (
    "demand_same",  # both demand the same (why, how, when ...), or neither shows a demand
    "demand_known",  # both show the same demand
    "need_same",  # the words wanted are the same, in one order
    "negation_differs",  # only one of them negates
    "numbers_differ",  # numbers that only one of them has, up to 3
    "first_same",  # they begin with the same word
    "last_same",  # and end with it
    "letters",  # cosine of their runs of letters
    "in_order",  # of shared words that stand beside each other in the one, how many keep their order in the other
    "beside",  # shared words that stand beside each other in both, as a share of the shorter question
)


@dataclass(frozen=True)
class _Questions:
    """Questions in arrays, one row each; words are numbers of stems, -1 past the last."""

    words: Numbers  # the first LONGEST
    last: Numbers
    demand: Numbers  # 0 for none
    need: Numbers
    negates: npt.NDArray[np.bool_]
    numbers: Sequence[frozenset[str]]
    number_set: Numbers  # the number of its set of numbers

    @classmethod
    def of(cls, keys: Sequence[str]) -> _Questions:
        split = [words_of(key) for key in keys]
        negation, contractions = _negation()
        number: dict[str, int] = {}
        words = np.full((len(keys), LONGEST), -1, dtype=np.int64)
        last = np.full(len(keys), -1, dtype=np.int64)
        for row, text in enumerate(split):
            stems = [number.setdefault(stem(word), len(number)) for word in text]
            words[row, : len(stems)] = stems[:LONGEST]
            last[row] = stems[-1] if stems else -1
        asked = [read_question(key) for key in keys]
        numbers = [frozenset(word for word in text if word[:1].isdigit()) for text in split]
        demands = {"": 0}
        return cls(
            words,
            last,
            demand=np.array([demands.setdefault(what.demand, len(demands)) for what in asked], dtype=np.int64),
            need=pd.factorize(np.array([" ".join(what.need) for what in asked], dtype=object))[0].astype(np.int64),
            negates=np.array([any(w in negation or w in contractions for w in text) for text in split], dtype=bool),
            numbers=numbers,
            number_set=pd.factorize(np.array([" ".join(sorted(each)) for each in numbers], dtype=object))[0],
        )


def _negation() -> tuple[frozenset[str], frozenset[str]]:
    """Words that negate, and contractions that hold one."""
    edits = settings()["edits"]
    negation = frozenset(edits["negation"].split())
    pairs = [entry.split(":") for line in edits["contractions"].strip().splitlines() for entry in line.split("|")]
    return negation, frozenset(short.strip() for short, full in pairs if not negation.isdisjoint(full.split()))


def compare_questions(keys: Sequence[str], a: Numbers, b: Numbers) -> Figures:
    """For each pair of numbers into `keys` (distinct `question_key`s) a row of figures, columns as in COMPARISONS.

    >>> keys = ["how is a burn treated", "how is a burn not treated"]
    >>> figures = compare_questions(keys, np.array([0]), np.array([1]))[0]
    >>> dict(zip(COMPARISONS, figures.round(2).tolist()))["negation_differs"]
    1.0
    """
    questions, letters = _Questions.of(keys), _Letters.of(keys)
    parts = [_compared(questions, letters, a[part], b[part]) for part in _chunks(len(a))]
    return np.concatenate([np.zeros((0, len(COMPARISONS))), *parts])


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def _compared(questions: _Questions, letters: _Letters, a: Numbers, b: Numbers) -> Figures:
    same_demand = questions.demand[a] == questions.demand[b]
    in_order, beside = _order(questions.words[a], questions.words[b])
    return np.column_stack(
        [
            same_demand,
            same_demand & (questions.demand[a] > 0),
            questions.need[a] == questions.need[b],
            questions.negates[a] != questions.negates[b],
            _numbers_apart(questions, a, b),
            questions.words[a, 0] == questions.words[b, 0],
            questions.last[a] == questions.last[b],
            letters.cosine(a, b),
            in_order,
            beside,
        ]
    ).astype(np.float64)


def _numbers_apart(questions: _Questions, a: Numbers, b: Numbers) -> Numbers:
    apart = np.zeros(len(a), dtype=np.int64)
    for place in np.flatnonzero(questions.number_set[a] != questions.number_set[b]).tolist():
        apart[place] = min(3, len(questions.numbers[a[place]] ^ questions.numbers[b[place]]))
    return apart


def _order(one: Numbers, other: Numbers) -> tuple[Figures, Figures]:
    """Of words of the one that are shared and neighbours: the share that keeps its order in the other; and of those
    that are neighbours in both, the share of the shorter question's gaps between words."""
    lengths = (one >= 0).sum(axis=1), (other >= 0).sum(axis=1)
    one, other = one[:, : max(1, lengths[0].max(initial=1))], other[:, : max(1, lengths[1].max(initial=1))]
    same = (one[:, :, None] == other[:, None, :]) & (one >= 0)[:, :, None]
    shared, place = same.any(axis=2), same.argmax(axis=2)
    step, both = np.diff(place, axis=1), shared[:, 1:] & shared[:, :-1]
    in_order = ((step > 0) & both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    gaps = np.maximum(np.minimum(*lengths) - 1, 1)
    return in_order, ((step == 1) & both).sum(axis=1) / gaps


@dataclass(frozen=True)
class _Letters:
    """Runs of letters of each text. `member`: text * runs + run of each, sorted; `weight` of each member, of unit
    length for each text; `starts` of each text among the members."""

    member: Numbers
    weight: Figures
    starts: Numbers
    runs: int

    @classmethod
    def of(cls, keys: Sequence[str]) -> _Letters:
        number: dict[str, int] = {}
        padded = [f" {key} " for key in keys]
        runs = [
            [number.setdefault(text[i : i + RUN], len(number)) for i in range(len(text) - RUN + 1)] for text in padded
        ]
        sizes = np.array([len(each) for each in runs], dtype=np.int64)
        count = max(1, len(number))
        text = np.repeat(np.arange(len(keys)), sizes)
        run = np.array([code for each in runs for code in each], dtype=np.int64)
        member, often = np.unique(text * count + run, return_counts=True)
        text, run = np.divmod(member, count)
        rarity = np.log1p(len(keys) / np.maximum(np.bincount(run, minlength=count), 1))
        weight = (1 + np.log(often)) * rarity[run]
        norm = np.sqrt(np.bincount(text, weight**2, len(keys)))
        return cls(member, weight / norm[text], np.searchsorted(text, np.arange(len(keys) + 1)), count)

    def cosine(self, a: Numbers, b: Numbers) -> Figures:
        sizes = self.starts[a + 1] - self.starts[a]
        pair = np.repeat(np.arange(len(a)), sizes)
        place = np.arange(len(pair)) + np.repeat(self.starts[a] - (np.cumsum(sizes) - sizes), sizes)
        wanted = b[pair] * self.runs + self.member[place] % self.runs
        found = np.minimum(np.searchsorted(self.member, wanted), len(self.member) - 1)
        products = self.weight[place] * self.weight[found] * (self.member[found] == wanted)
        return np.bincount(pair, products, len(a)).astype(np.float64)
