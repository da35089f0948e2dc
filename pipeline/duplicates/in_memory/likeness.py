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
from itertools import chain, pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.duplicates.in_memory.postings import Postings, Weights, ranges, run_starts
from pipeline.duplicates.in_memory.threads import in_threads
from pipeline.duplicates.tokens import Codes, Numbers, Tokens, tokenise
from pipeline.duplicates.vocabulary import function_words, stem

__all__ = ["MEASURES", "Likeness", "likely_same", "measure_likeness"]

RAREST = 8  # terms of a text that look for others: 8 find all copies and 99 % of the reworded texts, 4 find 96 %
SPREAD = 60  # texts; a term in more of them finds nobody: keeps a hot phrase linear, 200 found no further copy
SHORT, SHARED, SHARED_IF_SHORT = 40, 4, 2  # words; how often two texts' rarest terms must find each other: of longer
# texts 4 lose 1 copy in 1,000 (of shorter ones 3 lose 4 % of the reworded) and leave a fifth of the candidates of 2
TEXTS = 5_000  # looked for at a time: about 60,000 candidates
PAIRS = 1 << 32  # numbers of pairs looked for at a time: to sort half as wide numbers takes two thirds of the time
TABLE_TEXTS, TABLE_TERMS, TABLE_WORK = 128, 8_192, 1 << 17  # texts and terms of a table, and terms looked up in it
CHUNK = 5_000  # pairs weighed at a time
FINENESS = 10**9  # steps of a cosine
FAINT = 0.06  # cosine; of labelled pairs below it 1 in 300 says the same, of all candidates a third is
WIDE_SPREAD, CLEAR = 400, 0.25  # of questions, which may have no rare term: those in up to 400 find who is clearly
# alike (cosine); finds 99 % of Quora's pairs where rare ones find 94 %
NEIGHBOURS = (2, 5, 10)  # ranks of the neighbours whose likeness says how crowded a text's surroundings are

NOTHING = np.zeros(0, dtype=np.int64)

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


def measure_likeness(keys: Sequence[str], tokens: Tokens | None = None, are_questions: bool = False) -> Likeness:
    """Pairs of texts whose rare terms find each other and that are not unlike out of hand, and how alike they are.

    keys: distinct texts as `answer_key` or `question_key` gives them; words are separated by single spaces. tokens:
    their words, where they have been split already. are_questions: less rare terms find what is clearly alike, too.
    """
    texts = _Texts.of(tokens or tokenise(keys), are_questions)
    parts = in_threads(lambda part: _compared(texts, part), _parts_of(len(keys)))
    a, b = (np.concatenate([NOTHING, *(part[side] for part in parts)]) for side in (0, 1))
    cosine = np.concatenate([np.zeros(0), *(part[2] for part in parts)])
    measures = np.concatenate([np.zeros((0, len(MEASURES) - 8)), *(part[3] for part in parts)])
    near = np.concatenate([np.zeros(0, dtype=bool), *(part[4] for part in parts)])
    return Likeness(a[near], b[near], np.column_stack([measures, _surroundings(a, b, cosine, len(keys), near)]))


def _parts_of(texts: int) -> list[slice]:
    """The texts in parts whose pairs can be numbered in 32 bits."""
    return _chunks(texts, max(1, min(TEXTS, PAIRS // max(1, texts))))


@dataclass(frozen=True)
class _Texts:
    """Texts as sets of stems and of neighbouring pairs of stems. sizes: words of each.

    is_content: of each stem that two texts have, whether it says something. Of each text: whole (weight of its words),
    norm, content (how many of its words say something), whole_phrases (weight).
    """

    words: Postings
    phrases: Postings
    asking: tuple[_Asking, _Asking]
    asking_wide: tuple[_Asking, _Asking] | None
    sizes: Numbers
    is_content: npt.NDArray[np.bool_]
    whole: Weights
    norm: Weights
    content: Weights
    whole_phrases: Weights

    @classmethod
    def of(cls, tokens: Tokens, are_questions: bool) -> _Texts:
        stems, is_content = _stems(tokens.vocabulary)
        code, texts = stems[tokens.code], len(tokens.sizes)
        follows = tokens.text[:-1] == tokens.text[1:]
        phrase = (code[:-1] * np.uint64(len(is_content) + 1) + code[1:])[follows]
        members = [(tokens.text, code), (tokens.text[:-1][follows], phrase)]
        words, phrases = in_threads(lambda member: Postings.of(*member, texts), members)
        return cls(
            words,
            phrases,
            (_Asking.of(words, SPREAD), _Asking.of(phrases, SPREAD)),
            (_Asking.of(words, WIDE_SPREAD), _Asking.of(phrases, WIDE_SPREAD)) if are_questions else None,
            tokens.sizes,
            is_content[words.code],
            whole=words.totals(words.weight, words.lone_weight),
            norm=np.sqrt(words.totals(words.weight**2, words.lone_weight**2)),
            content=words.totals(is_content[words.code].astype(np.float64), 1.0)
            - _lone_and_empty(tokens.text, code, words, is_content),
            whole_phrases=phrases.totals(phrases.weight, phrases.lone_weight),
        )


def _stems(vocabulary: Sequence[str]) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """The number of each word's stem, and of each stem whether it says something."""
    number: dict[str, int] = {}
    stems = np.array([number.setdefault(stem(word), len(number)) for word in vocabulary], dtype=np.uint64)
    is_content = np.ones(len(number) + 1, dtype=bool)
    empty = function_words()
    is_content[stems[[place for place, word in enumerate(vocabulary) if word in empty]]] = False
    return stems, is_content


def _lone_and_empty(text: Numbers, code: Codes, words: Postings, is_content: npt.NDArray[np.bool_]) -> Numbers:
    """For each text, how many of the stems that it alone has say nothing."""
    is_wanted = ~is_content
    is_wanted[words.code] = False
    place = np.flatnonzero(is_wanted[code])
    first = np.unique(code[place], return_index=True)[1]
    return np.bincount(text[place[first]], minlength=len(words.lone))


def _chunks(count: int, size: int) -> list[slice]:
    return [slice(start, min(count, start + size)) for start in range(0, count, size)]


# ---------------------------------------------------------------- candidates


@dataclass(frozen=True)
class _Asking:
    """Which places of the index ask for others: those of each text's rarest terms that are not too common.

    `asks`: of each place; `askers`: the places that do; `before`: how many do before each place.
    """

    index: Postings
    asks: npt.NDArray[np.bool_]
    askers: Numbers
    before: Numbers
    spread: int

    @classmethod
    def of(cls, index: Postings, spread: int) -> _Asking:
        first, last = index.starts[:-1], np.minimum(index.starts[:-1] + RAREST, index.starts[1:])
        place = index.member[ranges(first, last - first)]
        asks = np.zeros(len(index.text), dtype=bool)
        asks[place[index.spread[index.term[place]] <= spread]] = True
        return cls(index, asks, np.flatnonzero(asks), np.append(0, np.cumsum(asks)), spread)

    def pairs(self, low: slice) -> npt.NDArray[np.uint32]:
        """Pairs a < b with a in the slice, as the number of a in it * texts + b.

        Once for each term by which the one asks and that the other has.
        """
        index, texts = self.index, len(self.index.lone)
        place = index.member[index.starts[low.start] : index.starts[low.stop]].astype(np.int64)
        place = place[index.spread[index.term[place]] <= self.spread]
        end = index.bounds[index.term[place] + 1]
        asking, end_of_asking = place[self.asks[place]], end[self.asks[place]]
        asker, end_of_askers = self.before[place + 1], self.before[end]
        sizes = np.concatenate([end_of_asking - asking - 1, end_of_askers - asker])
        b = np.concatenate(
            [
                ranges(asking + 1, end_of_asking - asking - 1),
                self.askers[ranges(asker, end_of_askers - asker)],
            ]
        )
        a = (index.text[np.concatenate([asking, place])] - low.start).astype(np.uint32)
        return np.asarray(np.repeat(a * np.uint32(texts), sizes) + index.text[b].astype(np.uint32), dtype=np.uint32)


def _candidates(texts: _Texts, low: slice) -> tuple[Numbers, Numbers, Weights]:
    """Pairs a < b, sorted, with a in the slice, and the least cosine that each must have."""
    a, b = _found(texts, texts.asking, low)
    if texts.asking_wide is None:
        return a, b, np.full(len(a), FAINT)
    wide_a, wide_b = _found(texts, texts.asking_wide, low)
    is_rare = np.isin(wide_a * len(texts.sizes) + wide_b, a * len(texts.sizes) + b)
    return wide_a, wide_b, np.where(is_rare, FAINT, CLEAR)


def _found(texts: _Texts, askings: Sequence[_Asking], low: slice) -> tuple[Numbers, Numbers]:
    """Pairs a < b, sorted, with a in the slice: their rarest terms find the other often enough."""
    found = np.sort(np.concatenate([asking.pairs(low) for asking in askings]))
    first = np.flatnonzero(run_starts(found))
    often = np.diff(first, append=len(found))
    is_worth_it = often >= min(SHARED, SHARED_IF_SHORT)
    a, b = np.divmod(found[first[is_worth_it]].astype(np.int64), len(texts.sizes))
    a += low.start
    is_short = np.minimum(texts.sizes[a], texts.sizes[b]) <= SHORT
    enough = often[is_worth_it] >= np.where(is_short, SHARED_IF_SHORT, SHARED)
    return a[enough], b[enough]


# ---------------------------------------------------------------- shared terms


@dataclass(frozen=True)
class _Met:
    """The terms that pairs share, sorted by pair: the number of the `pair`, the `term`, and its rank in both texts."""

    pair: Numbers
    term: Numbers
    rank_a: Numbers
    rank_b: Numbers


def _meet(index: Postings, a: Numbers, b: Numbers) -> Iterator[tuple[slice, _Met]]:
    """The shared terms of pairs sorted by `a`, some pairs at a time."""
    column = np.zeros(len(index.spread), dtype=np.int64)
    for part in _batches(index, a, b):
        yield part, _met(index, a[part], b[part], column)


def _batches(index: Postings, a: Numbers, b: Numbers) -> list[slice]:
    """Slices of the pairs so small that their tables stay in the processor's cache."""
    sizes = index.sizes
    is_new = run_starts(a)
    texts = np.cumsum(is_new) // TABLE_TEXTS
    width = np.cumsum(sizes[a] * is_new) // TABLE_TERMS
    work = np.cumsum(sizes[b]) // TABLE_WORK
    start = np.flatnonzero(run_starts(texts) | run_starts(width) | run_starts(work))
    return [slice(one, other) for one, other in pairwise([*start.tolist(), len(a)])]


def _met(index: Postings, a: Numbers, b: Numbers, column: Numbers) -> _Met:
    """The shared terms of these few pairs, by a table of texts and terms. column: zeros, and zeros again after it."""
    is_new = run_starts(a)
    text, row = a[is_new], np.cumsum(is_new) - 1
    sizes = index.sizes[text]
    terms = index.terms_of[ranges(index.starts[text], sizes)].astype(np.int64)
    column[terms] = np.arange(1, len(terms) + 1)
    width = len(terms) + 1
    table = np.zeros(len(text) * width, dtype=np.int32)
    table[np.repeat(np.arange(len(text)) * width, sizes) + column[terms]] = ranges(np.ones_like(sizes), sizes)
    sizes = index.sizes[b]
    before = np.cumsum(sizes) - sizes
    other = index.terms_of.take(ranges(index.starts[b], sizes))
    place = column.take(other)
    place += np.repeat(row * width, sizes)
    rank = table.take(place)
    column[terms] = 0
    hit = np.flatnonzero(rank)
    pair = np.repeat(np.arange(len(a)), sizes).take(hit)
    return _Met(pair, other.take(hit), rank.take(hit) - 1, hit - before.take(pair))


# ---------------------------------------------------------------- measures


def _compared(texts: _Texts, low: slice) -> tuple[Numbers, Numbers, Weights, Weights, npt.NDArray[np.bool_]]:
    """Candidates a < b with a in the slice, their cosines, further measures of those near enough, and which are."""
    a, b, least = _candidates(texts, low)
    parts = [_by_words(texts, a[part], b[part], met, least[part]) for part, met in _meet(texts.words, a, b)]
    cosine = np.concatenate([np.zeros(0), *(part[0] for part in parts)])
    by_words = np.concatenate([np.zeros((0, 4)), *(part[1] for part in parts)])
    near = cosine >= least
    return a, b, cosine, _measured(texts, a[near], b[near], cosine[near], by_words), near


def _by_words(texts: _Texts, a: Numbers, b: Numbers, met: _Met, least: Weights) -> tuple[Weights, Weights]:
    """Cosine of the weighted words of each pair; of those near enough, what `_measured` asks of the shared words."""
    words, weight = texts.words, texts.words.weight
    squares = np.bincount(met.pair, weight[met.term] ** 2, len(a))
    cosine = _share(squares, texts.norm[a] * texts.norm[b])
    near = np.flatnonzero(cosine >= least)
    number = np.full(len(a), -1)
    number[near] = np.arange(len(near))
    counts = number[met.pair] >= 0
    pair, term, rank_a, rank_b = number[met.pair[counts]], met.term[counts], met.rank_a[counts], met.rank_b[counts]
    turn = np.arange(len(pair)) - np.searchsorted(pair, pair)

    def total(values: npt.NDArray[np.generic]) -> Weights:
        return np.bincount(pair, values, len(near)).astype(np.float64)

    # both sides have their terms rarest first: up to the first that is missing, rank and turn are the same
    missing_a = _weight_at(words, a[near], total(rank_a == turn))
    missing_b = _weight_at(words, b[near], total(rank_b == turn))
    return cosine, np.column_stack([total(weight[term]), total(texts.is_content[term]), missing_a, missing_b])


def _weight_at(index: Postings, text: Numbers, rank: Weights) -> Weights:
    """The weight of the term that a text has at this rank, 0 past its last; of a term it alone has, if it has one."""
    is_there = rank < index.sizes[text]
    place = np.where(is_there, index.starts[text] + rank.astype(np.int64), 0)
    weight = index.weight[index.terms_of[place]] if len(index.text) else np.zeros(len(text))
    return np.where(index.lone[text] > 0, index.lone_weight, np.where(is_there, weight, 0.0))


def _measured(texts: _Texts, a: Numbers, b: Numbers, cosine: Weights, by_words: Weights) -> Weights:
    """The measures of these pairs that need the two texts alone."""
    shared, words_shared, missing_a, missing_b = by_words.T
    phrase_weight = texts.phrases.weight
    phrases_shared = np.concatenate(
        [
            np.zeros(0),
            *(
                np.bincount(met.pair, phrase_weight[met.term], part.stop - part.start)
                for part, met in _meet(texts.phrases, a, b)
            ),
        ]
    )
    whole, content, phrases = texts.whole, texts.content, texts.whole_phrases
    shorter, longer = np.minimum(texts.sizes[a], texts.sizes[b]), np.maximum(texts.sizes[a], texts.sizes[b])
    return np.column_stack(
        [
            _share(shared, np.minimum(whole[a], whole[b])),
            _share(shared, np.maximum(whole[a], whole[b])),
            cosine,
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


def _share(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic]) -> Weights:
    return np.asarray(part / np.maximum(whole, 1e-9), dtype=np.float64)


def _surroundings(a: Numbers, b: Numbers, cosine: Weights, texts: int, near: npt.NDArray[np.bool_]) -> Weights:
    """How crowded the texts' surroundings are, and whether each is the other's best: the last eight measures.

    Of all pairs, for those that are `near`. Cosines count to nine digits, so that a text and its cosine sort as one.
    """
    unlike = np.round((1 - np.clip(cosine, 0, 1)) * FINENESS).astype(np.int64)
    ordered = np.sort(np.concatenate([a, b]) * (FINENESS + 1) + np.concatenate([unlike, unlike]))
    starts = np.searchsorted(ordered, np.arange(texts + 1) * (FINENESS + 1))
    like = 1 - np.append(ordered % (FINENESS + 1), FINENESS) / FINENESS
    a, b, cosine = a[near], b[near], cosine[near]
    columns = []
    for rank in NEIGHBOURS:
        at_rank = like[np.where(starts[:-1] + rank <= starts[1:], starts[:-1] + rank - 1, len(ordered))]
        columns += [np.maximum(at_rank[a], at_rank[b]), np.minimum(at_rank[a], at_rank[b])]
    best = like[starts[:-1]]
    shares = _share(cosine, best[a]), _share(cosine, best[b])
    return np.column_stack([*columns, np.minimum(*shares), np.maximum(*shares)])


# ---------------------------------------------------------------- from measures to a probability


@cache
def _weights(texts: str) -> tuple[float, Weights, Weights]:
    """Intercept and weights of a model in likeness.toml: of each measure, then of the products of two, as a matrix."""
    model = tomllib.loads(files("pipeline.duplicates.in_memory").joinpath("likeness.toml").read_text(encoding="utf8"))[
        texts
    ]
    products = np.zeros((len(MEASURES), len(MEASURES)))
    products[np.triu_indices(len(MEASURES))] = list(chain.from_iterable(model["products"]))
    return model["intercept"], np.array(model["single"]), products


def likely_same(likeness: Likeness, texts: Literal["answers", "questions"]) -> Weights:
    """For each pair, how likely it is that the two texts say the same, 0 to 1."""
    intercept, single, products = _weights(texts)
    score = np.empty(len(likeness.a))
    for part in _chunks(len(score), CHUNK):
        measures = likeness.measures[part]
        score[part] = np.einsum("ij,ij->i", measures @ products + single, measures) + intercept
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))
