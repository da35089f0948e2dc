"""How alike texts are by their words: candidates that share rare ones, and measures for each pair.

Set-wise, in arrays: a text is the set of its words' stems and of its neighbouring pairs of stems. Rare terms weigh
much and boilerplate nothing; every measure is independent of the order of the texts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.wording import function_words, stem

__all__ = ["MEASURES", "Likeness", "likely_same", "measure_likeness"]

RAREST = 8  # terms of a text that look for others: 8 find all copies and 99 % of the reworded texts, 4 find 96 %
SPREAD = 60  # texts; a term in more of them finds nobody: keeps a hot phrase linear, 200 found no further copy
SHARED = 2  # rare terms two texts must share: 1 gave four times the candidates for 1 % more of the pairs wanted
CHUNK = 200_000  # pairs measured at a time: about 100 MB
NEIGHBOURS = (2, 5, 10)  # ranks of the neighbours whose likeness says how crowded a text's surroundings are

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

MEASURES = (
    "contained",  # share of the one text's weight that is in the other: the larger of the two ...
    "containing",  # ... and the smaller
    "cosine",
    "phrases_contained",  # the same shares for neighbouring pairs of words
    "phrases_containing",
    "words_contained",  # share of the shorter text's content words, unweighted
    "words_common",  # shared content words of all content words
    "length_ratio",
    "length",  # logarithm of the shorter text's words
    "shared",  # content words shared
    "weight_shared",
    "rarest_missing",  # weight of the rarest word that only one text has: the larger of the two sides ...
    "rarest_missing_least",  # ... and the smaller
    *(f"crowd_{rank}_{side}" for rank in NEIGHBOURS for side in ("most", "least")),
    "share_of_best_least",  # cosine as a share of the best that either text has with any
    "share_of_best_most",
)


@dataclass(frozen=True)
class Likeness:
    """Candidate pairs `a` < `b` (numbers of texts), sorted, with one row of `measures` each, columns as in MEASURES."""

    a: Numbers
    b: Numbers
    measures: Weights


@dataclass(frozen=True)
class Bags:
    """Sets of terms: `text` and `term` of each membership, sorted; `weight` of each term; `starts` of each text."""

    text: Numbers
    term: Numbers
    weight: Weights
    spread: Numbers
    starts: Numbers

    @classmethod
    def of(cls, text: Numbers, term: Numbers, texts: int) -> Bags:
        """The sets of the memberships given, in any order and with repeats."""
        terms = int(term.max()) + 1 if len(term) else 0
        member = np.unique(text * max(terms, 1) + term)
        text, term = np.divmod(member, max(terms, 1))
        spread = np.bincount(term, minlength=terms)
        weight = np.log1p(texts / np.maximum(spread, 1))
        return cls(text, term, weight, spread, np.searchsorted(text, np.arange(texts + 1)))

    def holds(self, text: Numbers, term: Numbers) -> npt.NDArray[np.bool_]:
        """For each text and term, whether the one holds the other."""
        terms = len(self.weight)
        member = self.text * terms + self.term
        place = np.searchsorted(member, text * terms + term)
        return (place < len(member)) & (member[np.minimum(place, len(member) - 1)] == text * terms + term)

    def expanded(self, texts: Numbers) -> tuple[Numbers, Numbers]:
        """All terms of these texts: the place in `texts`, and the term."""
        places, member = _ranges(self.starts[texts], self.starts[texts + 1])
        return places, self.term[member]


def _ranges(starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """The numbers of several ranges in one array, each with the place of its range."""
    sizes = ends - starts
    places = np.repeat(np.arange(len(starts)), sizes)
    before = np.cumsum(sizes) - sizes
    return places, np.arange(len(places)) - before[places] + starts[places]


def measure_likeness(keys: Sequence[str]) -> Likeness:
    """Every pair of texts that share at least two of their rare terms, and how alike the two are.

    keys: distinct texts as `answer_key` or `question_key` gives them; words are separated by single spaces.
    """
    split = [key.split() for key in keys]
    sizes = np.array([len(words) for words in split], dtype=np.int64)
    text = np.repeat(np.arange(len(split)), sizes)
    code, vocabulary = pd.factorize(np.array(list(chain.from_iterable(split)), dtype=object))
    stems, stem_names = pd.factorize(np.array([stem(word) for word in vocabulary], dtype=object))
    empty = function_words()
    is_content = np.ones(len(stem_names), dtype=bool)
    is_content[stems[[word in empty for word in vocabulary]] if len(vocabulary) else []] = False
    term = stems[code].astype(np.int64)
    words = Bags.of(text, term, len(split))
    follows = text[:-1] == text[1:]
    pair_code = pd.factorize(term[:-1][follows] * (len(stem_names) + 1) + term[1:][follows])[0]
    phrases = Bags.of(text[:-1][follows], pair_code.astype(np.int64), len(split))
    a, b = _candidates((words, phrases), len(split))
    parts = [_measured(words, phrases, is_content, sizes, a[part], b[part]) for part in _chunks(len(a))]
    measures = np.concatenate([np.empty((0, 13)), *parts])
    return Likeness(a, b, np.column_stack([measures, _surroundings(a, b, measures[:, 2], len(split))]))


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def _candidates(bags: Sequence[Bags], texts: int) -> tuple[Numbers, Numbers]:
    """Pairs a < b, sorted: together, their rarest terms find the other at least twice."""
    pairs, times = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, texts, CHUNK // 10):
        found = np.concatenate([_queries(bag, start, min(texts, start + CHUNK // 10), texts) for bag in bags])
        pair, often = np.unique(found, return_counts=True)
        pairs.append(pair)
        times.append(often)
    pair, place = np.unique(np.concatenate(pairs), return_inverse=True)
    often = np.bincount(place, weights=np.concatenate(times), minlength=len(pair))
    a, b = np.divmod(pair[often >= SHARED], max(texts, 1))
    return a, b


def _queries(bag: Bags, start: int, end: int, texts: int) -> Numbers:
    """For texts start to end: the pair with each text that has one of their rarest terms, as a number, once per term."""
    member = np.arange(bag.starts[start], bag.starts[end])
    spread = bag.spread[bag.term[member]]
    member = member[(spread >= 2) & (spread <= SPREAD)]
    order = np.lexsort((bag.term[member], bag.spread[bag.term[member]], bag.text[member]))
    member = member[order]
    text = bag.text[member]
    first = np.searchsorted(text, text)
    member = member[np.arange(len(member)) - first < RAREST]
    by_term = np.lexsort((bag.text, bag.term))
    ends = np.cumsum(bag.spread)
    term = bag.term[member]
    place, posting = _ranges((ends - bag.spread)[term], ends[term])
    asking, asked = bag.text[member][place], bag.text[by_term[posting]]
    return (np.minimum(asking, asked) * texts + np.maximum(asking, asked))[asking != asked]


def _measured(
    words: Bags, phrases: Bags, is_content: npt.NDArray[np.bool_], sizes: Numbers, a: Numbers, b: Numbers
) -> Weights:
    """The measures of these pairs that need the two texts alone."""
    count = len(a)
    weight = words.weight
    place, term = words.expanded(a)
    shared = words.holds(b[place], term)
    content = is_content[term]
    sums = _Sums(place, count)
    weight_shared = sums.of(weight[term] * shared)
    weight_a = sums.of(weight[term])
    squares = sums.of(weight[term] ** 2 * shared)
    norm_a = np.sqrt(sums.of(weight[term] ** 2))
    words_shared = sums.of(shared & content)
    words_a = sums.of(content)
    missing_a = sums.largest(np.where(shared, 0, weight[term]))
    place, term = words.expanded(b)
    sums = _Sums(place, count)
    weight_b, norm_b = sums.of(weight[term]), np.sqrt(sums.of(weight[term] ** 2))
    words_b = sums.of(is_content[term])
    missing_b = sums.largest(np.where(words.holds(a[place], term), 0, weight[term]))
    phrases_shared, phrases_a, phrases_b = _phrase_weights(phrases, a, b)
    shorter, longer = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
    return np.column_stack(
        [
            _share(weight_shared, np.minimum(weight_a, weight_b)),
            _share(weight_shared, np.maximum(weight_a, weight_b)),
            _share(squares, norm_a * norm_b),
            _share(phrases_shared, np.minimum(phrases_a, phrases_b)),
            _share(phrases_shared, np.maximum(phrases_a, phrases_b)),
            _share(words_shared, np.minimum(words_a, words_b)),
            _share(words_shared, words_a + words_b - words_shared),
            _share(shorter, longer),
            np.log1p(shorter),
            np.log1p(words_shared),
            np.log1p(weight_shared),
            np.maximum(missing_a, missing_b),
            np.minimum(missing_a, missing_b),
        ]
    )


def _phrase_weights(phrases: Bags, a: Numbers, b: Numbers) -> tuple[Weights, Weights, Weights]:
    """Weight of the phrases the two texts share, and of all phrases of either."""
    place, term = phrases.expanded(a)
    sums = _Sums(place, len(a))
    shared = sums.of(phrases.weight[term] * phrases.holds(b[place], term))
    whole_a = sums.of(phrases.weight[term])
    place, term = phrases.expanded(b)
    return shared, whole_a, _Sums(place, len(a)).of(phrases.weight[term])


@dataclass(frozen=True)
class _Sums:
    """Totals by place, for places in ascending order."""

    place: Numbers
    count: int

    def of(self, values: npt.NDArray[np.generic]) -> Weights:
        return np.bincount(self.place, weights=values, minlength=self.count)

    def largest(self, values: Weights) -> Weights:
        largest = np.zeros(self.count)
        np.maximum.at(largest, self.place, values)
        return largest


def _share(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic]) -> Weights:
    return np.asarray(part / np.maximum(whole, 1e-9), dtype=np.float64)


def _surroundings(a: Numbers, b: Numbers, cosine: Weights, texts: int) -> Weights:
    """How crowded the two texts' surroundings are, and whether each is the other's best: the last eight measures."""
    text, like = np.concatenate([a, b]), np.concatenate([cosine, cosine])
    order = np.lexsort((-like, text))
    text, like = text[order], like[order]
    starts = np.searchsorted(text, np.arange(texts + 1))
    columns = []
    for rank in NEIGHBOURS:
        place = np.minimum(starts[:-1] + rank - 1, max(len(like) - 1, 0))
        near = np.where(starts[:-1] + rank <= starts[1:], like[place] if len(like) else 0, 0.0)
        columns += [np.maximum(near[a], near[b]), np.minimum(near[a], near[b])]
    best = np.where(
        starts[1:] > starts[:-1], like[np.minimum(starts[:-1], max(len(like) - 1, 0))] if len(like) else 0, 1
    )
    shares = _share(cosine, best[a]), _share(cosine, best[b])
    return np.column_stack([*columns, np.minimum(*shares), np.maximum(*shares)])


# ---------------------------------------------------------------- from measures to a probability


@cache
def _weights(texts: str) -> tuple[float, Weights]:
    """Intercept and weights of a model in likeness.toml: of each measure, then of their products."""
    model = tomllib.loads(files("pipeline").joinpath("likeness.toml").read_text(encoding="utf8"))[texts]
    return model["intercept"], np.array([*model["single"], *chain.from_iterable(model["products"])])


def likely_same(likeness: Likeness, texts: Literal["answers", "questions"]) -> Weights:
    """For each pair, how likely it is that the two texts say the same, 0 to 1."""
    intercept, weights = _weights(texts)
    first, second = np.triu_indices(len(MEASURES))
    score = np.empty(len(likeness.a))
    for part in _chunks(len(score)):
        measures = likeness.measures[part]
        products = measures[:, first] * measures[:, second]
        score[part] = np.column_stack([measures, products]) @ weights + intercept
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))
