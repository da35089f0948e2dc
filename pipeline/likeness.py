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

from pipeline.wording import function_words, stem, words_of

__all__ = ["MEASURES", "Likeness", "likely_same", "measure_likeness"]

RAREST = 8  # terms of a text that look for others: 8 find all copies and 99 % of the reworded texts, 4 find 96 %
SPREAD = 60  # texts; a term in more of them finds nobody: keeps a hot phrase linear, 200 found no further copy
SHORT, SHARED, SHARED_IF_SHORT = 40, 4, 2  # words; how often two texts' rarest terms must find each other: of longer
# texts 4 lose 1 copy in 1,000 (of shorter ones 3 lose 4 % of the reworded) and leave a fifth of the candidates of 2
CHUNK = 50_000  # pairs measured at a time: about 50 MB
FAINT = 0.06  # cosine; of labelled pairs below it 1 in 300 says the same, of all candidates a third is
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
    """Sets of terms. `member`: text * terms + term of each membership, sorted; `text`, `term`: the same apart.

    weight: of each term, the rarer the more. spread: texts that have it. starts: of each text among the members.
    """

    member: Numbers
    text: Numbers
    term: Numbers
    weight: Weights
    spread: Numbers
    starts: Numbers

    @classmethod
    def of(cls, text: Numbers, term: Numbers, texts: int) -> Bags:
        """The sets of the memberships given, in any order and with repeats."""
        terms = int(np.max(term)) + 1 if len(term) else 1
        member = _distinct(text * terms + term)
        text, term = np.divmod(member, terms)
        spread = np.bincount(term, minlength=terms)
        weight = np.log1p(texts / np.maximum(spread, 1))
        return cls(member, text, term, weight, spread, np.searchsorted(text, np.arange(texts + 1)))

    def holds(self, text: Numbers, term: Numbers) -> npt.NDArray[np.bool_]:
        """For each text and term, whether the one holds the other."""
        wanted = text * len(self.weight) + term
        place = np.searchsorted(self.member, wanted)
        return np.asarray(self.member[np.minimum(place, len(self.member) - 1)] == wanted)

    def expanded(self, texts: Numbers) -> tuple[Numbers, Numbers]:
        """All terms of these texts: the place in `texts`, and the term."""
        places, member = _ranges(self.starts[texts], self.starts[texts + 1])
        return places, self.term[member]

    def totals(self, values: Weights) -> Weights:
        """For each text the sum over its terms; values: of each term."""
        sums = np.bincount(self.text, weights=values[self.term], minlength=len(self.starts) - 1)
        return sums.astype(np.float64)


def _distinct(numbers: Numbers) -> Numbers:
    """The distinct numbers in order; a sort, where `np.unique` hashes and takes 50 times as long on a million."""
    ordered = np.sort(numbers)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])


def _ranges(starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """The numbers of several ranges in one array, each with the place of its range."""
    sizes = ends - starts
    places = np.repeat(np.arange(len(starts)), sizes)
    before = np.cumsum(sizes) - sizes
    return places, np.arange(len(places)) - before[places] + starts[places]


def measure_likeness(keys: Sequence[str]) -> Likeness:
    """Pairs of texts whose rare terms find each other and that are not unlike out of hand, and how alike they are.

    keys: distinct texts as `answer_key` or `question_key` gives them; words are separated by single spaces.
    """
    texts = _Texts.of(keys)
    a, b = _candidates(texts)
    cosine = np.concatenate([np.zeros(0), *(_cosines(texts, a[part], b[part]) for part in _chunks(len(a)))])
    surroundings = _surroundings(a, b, cosine, len(keys))
    near = cosine >= FAINT
    a, b = a[near], b[near]
    parts = [_measured(texts, a[part], b[part]) for part in _chunks(len(a))]
    measures = np.concatenate([np.zeros((0, len(MEASURES) - 8)), *parts])
    return Likeness(a, b, np.column_stack([measures, surroundings[near]]))


@dataclass(frozen=True)
class _Texts:
    """Texts as bags of stems and of neighbouring pairs of stems. sizes: words of each. is_content: of each stem.

    Of each text: whole (weight of its words), norm, content (words that say something), whole_phrases (weight).
    """

    words: Bags
    phrases: Bags
    sizes: Numbers
    is_content: npt.NDArray[np.bool_]
    whole: Weights
    norm: Weights
    content: Weights
    whole_phrases: Weights

    @classmethod
    def of(cls, keys: Sequence[str]) -> _Texts:
        split = [words_of(key) for key in keys]
        sizes = np.array([len(words) for words in split], dtype=np.int64)
        text = np.repeat(np.arange(len(split)), sizes)
        code, vocabulary = pd.factorize(np.array(list(chain.from_iterable(split)), dtype=object))
        stems, stem_names = pd.factorize(np.array([stem(word) for word in vocabulary], dtype=object))
        empty = function_words()
        is_content = np.ones(max(1, len(stem_names)), dtype=bool)
        is_content[stems[np.array([word in empty for word in vocabulary], dtype=bool)]] = False
        term = stems[code].astype(np.int64)
        follows = text[:-1] == text[1:]
        phrase = pd.factorize(term[:-1][follows] * (len(stem_names) + 1) + term[1:][follows])[0].astype(np.int64)
        words, phrases = Bags.of(text, term, len(keys)), Bags.of(text[:-1][follows], phrase, len(keys))
        return cls(
            words,
            phrases,
            sizes,
            is_content,
            whole=words.totals(words.weight),
            norm=np.sqrt(words.totals(words.weight**2)),
            content=words.totals(is_content.astype(np.float64)),
            whole_phrases=phrases.totals(phrases.weight),
        )


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def _candidates(texts: _Texts) -> tuple[Numbers, Numbers]:
    """Pairs a < b, sorted: their rarest terms find the other often enough."""
    count = len(texts.sizes)
    pairs, times = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, count, CHUNK // 2):
        ends = start, min(count, start + CHUNK // 2)
        pair, often = np.unique(
            np.concatenate([_queries(bag, *ends, count) for bag in (texts.words, texts.phrases)]), return_counts=True
        )
        pairs.append(pair)
        times.append(often)
    pair, place = np.unique(np.concatenate(pairs), return_inverse=True)
    found = np.bincount(place, weights=np.concatenate(times), minlength=len(pair))
    a, b = np.divmod(pair, max(count, 1))
    is_short = np.minimum(texts.sizes[a], texts.sizes[b]) <= SHORT
    enough = found >= np.where(is_short, SHARED_IF_SHORT, SHARED)
    return a[enough], b[enough]


def _queries(bag: Bags, start: int, end: int, texts: int) -> Numbers:
    """For texts start to end: the pair with each text that has one of their rarest terms, once per term."""
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
    return np.asarray((np.minimum(asking, asked) * texts + np.maximum(asking, asked))[asking != asked])


def _cosines(texts: _Texts, a: Numbers, b: Numbers) -> Weights:
    """Cosine of the weighted words of each pair."""
    place, term = texts.words.expanded(a)
    shared = _Sums(place, len(a)).of(texts.words.weight[term] ** 2 * texts.words.holds(b[place], term))
    return _share(shared, texts.norm[a] * texts.norm[b])


def _measured(texts: _Texts, a: Numbers, b: Numbers) -> Weights:
    """The measures of these pairs that need the two texts alone."""
    words, weight = texts.words, texts.words.weight
    whole, norm, content, phrases = texts.whole, texts.norm, texts.content, texts.whole_phrases
    place, term = words.expanded(a)
    is_shared = words.holds(b[place], term)
    sums = _Sums(place, len(a))
    shared = sums.of(weight[term] * is_shared)
    squares = sums.of(weight[term] ** 2 * is_shared)
    words_shared = sums.of(is_shared & texts.is_content[term])
    missing_a = sums.largest(np.where(is_shared, 0, weight[term]))
    place, term = words.expanded(b)
    missing_b = _Sums(place, len(a)).largest(np.where(words.holds(a[place], term), 0, weight[term]))
    place, term = texts.phrases.expanded(a)
    phrases_shared = _Sums(place, len(a)).of(texts.phrases.weight[term] * texts.phrases.holds(b[place], term))
    shorter, longer = np.minimum(texts.sizes[a], texts.sizes[b]), np.maximum(texts.sizes[a], texts.sizes[b])
    return np.column_stack(
        [
            _share(shared, np.minimum(whole[a], whole[b])),
            _share(shared, np.maximum(whole[a], whole[b])),
            _share(squares, norm[a] * norm[b]),
            _share(phrases_shared, np.minimum(phrases[a], phrases[b])),
            _share(phrases_shared, np.maximum(phrases[a], phrases[b])),
            _share(words_shared, np.minimum(content[a], content[b])),
            _share(words_shared, content[a] + content[b] - words_shared),
            _share(shorter, longer),
            np.log1p(shorter),
            np.log1p(words_shared),
            np.log1p(shared),
            np.maximum(missing_a, missing_b),
            np.minimum(missing_a, missing_b),
        ]
    )


@dataclass(frozen=True)
class _Sums:
    """Totals by place, for places in ascending order."""

    place: Numbers
    count: int

    def of(self, values: npt.NDArray[np.generic]) -> Weights:
        return np.bincount(self.place, values.astype(np.float64), self.count).astype(np.float64)

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
    for start in range(0, len(score), CHUNK // 10):
        part = slice(start, start + CHUNK // 10)
        measures = likeness.measures[part]
        products = measures[:, first] * measures[:, second]
        score[part] = np.column_stack([measures, products]) @ weights + intercept
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))
