"""Which cues can stand in which texts, for many texts at once.

One pass over the words of all texts fills a table of bits, a row for each set of words that cues need and a bit for
each text; which cue can stand where is then an AND of such rows. The words are looked at in Python only where the AND
leaves a bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.phrases import NUMBER, SIGNS, WORD_BYTES, Term, adjacent_words, needed_terms
from pipeline.taxonomy import Field, Taxonomy

_SPACE = ord(" ")

Words = frozenset[bytes]
Bits = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class Prefilter:
    """The word sets of a taxonomy's cues for one field, as arrays."""

    def __init__(self, taxonomy: Taxonomy, field: Field) -> None:
        phrases = [sought.cue.spelled for sought in taxonomy.sought[field]]
        needs = [needed_terms(phrase) for phrase in phrases]
        beside = [adjacent_words(phrase) for phrase in phrases]
        terms = {term for group in needs for each in group for term in each}
        words = {word for term in terms for word in term} | {NUMBER}
        words |= {word for group in beside for pair in group for each in pair for word in each}
        self._ids = {word: number for number, word in enumerate(sorted(words))}
        self._words = pa.array([word + b" " for word in self._ids], pa.large_binary())
        pairs = [_as_sets(term) for term in sorted(terms) if len(term) == 2]
        row_of_pair = {pair: row for row, pair in enumerate(dict.fromkeys([*pairs, *chain.from_iterable(beside)]))}
        self._pairs = len(row_of_pair)
        self._codes, self._first, self._pair = self._coded(row_of_pair)
        row_of: dict[Term, int] = {(word,): number for word, number in self._ids.items()}
        row_of |= {term: len(words) + 1 + row_of_pair[_as_sets(term)] for term in terms if len(term) == 2}
        row_of_need = {need: row for row, need in enumerate(dict.fromkeys(chain.from_iterable(needs)))}
        self._needs = _Groups([[row_of[term] for term in sorted(need)] for need in row_of_need])
        self._cues = _Groups(
            [
                [*map(row_of_need.__getitem__, need), *(len(row_of_need) + row_of_pair[pair] for pair in group)]
                for need, group in zip(needs, beside, strict=True)
            ]
        )

    def _coded(self, row_of_pair: dict[tuple[Words, Words], int]) -> tuple[Numbers, Numbers, Numbers]:
        """Two words side by side as one number, ascending; where its pairs begin in the third array; the pairs."""
        numbers = frozenset(word for word in self._ids if word.isdigit())
        size = len(self._ids) + 1
        codes, rows = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for pair, row in row_of_pair.items():
            # A number of the text that is also a word of some cue ("911") has that word's number.
            each = (words | numbers if NUMBER in words else words for words in pair)
            one, other = (np.array([self._ids[word] for word in sorted(words)]) for words in each)
            both = (one[:, None] * size + other).ravel()
            codes.append(both)
            rows.append(np.full(len(both), row))
        code = np.concatenate(codes)
        order = np.argsort(code, kind="stable")
        distinct, first = np.unique(code[order], return_index=True)
        return distinct, np.append(first, len(code)), np.concatenate(rows)[order]

    def candidates(self, folded: Sequence[str]) -> list[list[int]]:
        """For each folded text the places in `taxonomy.sought` of what can stand in it, ascending."""
        if not folded or not len(self._cues):
            return [[] for _ in folded]
        text = _Texts(folded)
        ids = self._numbered(text)
        beside = self._side_by_side(ids, text.owner, len(folded))
        held = self._needs.reduce(np.bitwise_or, np.concatenate([self._held(ids, text), beside]))
        possible = self._cues.reduce(np.bitwise_and, np.concatenate([held, beside]))
        some = np.flatnonzero(possible.any(axis=1))
        row, number = np.nonzero(np.unpackbits(possible[some].view(np.uint8), axis=1))
        order = np.argsort(number, kind="stable")
        places, counts = some[row[order]].tolist(), np.bincount(number, minlength=len(folded))
        stops = np.cumsum(counts).tolist()
        return [places[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]

    def _numbered(self, text: _Texts) -> Numbers:
        """The number of each word; the one of `#` for digits; `len(self._ids)` for a word that no cue names."""
        known = pc.index_in(text.words, value_set=self._words).fill_null(len(self._ids)).to_numpy()
        return np.where((known == len(self._ids)) & text.is_number, self._ids[NUMBER], known).astype(np.int64)

    def _held(self, ids: Numbers, text: _Texts) -> Bits:
        """A row for each word and sign, with the bits of the texts that hold it."""
        present = np.zeros((len(self._ids) + 1, text.count), dtype=bool)
        present[ids, text.owner] = True
        for sign, owner in text.signs():
            present[self._ids.get(sign, len(self._ids)), owner] = True
        return _packed(present)

    def _side_by_side(self, ids: Numbers, owner: Numbers, count: int) -> Bits:
        """A row for each pair, with the bits of the texts in which a word of the one stands before one of the other."""
        present = np.zeros((self._pairs, count), dtype=bool)
        unknown = len(self._ids)
        left = np.flatnonzero((ids[:-1] != unknown) & (ids[1:] != unknown) & (owner[:-1] == owner[1:]))
        codes = ids[left] * (unknown + 1) + ids[left + 1]
        at = np.searchsorted(self._codes, codes)
        hit = np.flatnonzero(np.append(self._codes, -1)[at] == codes)
        first, stop = self._first[at[hit]], self._first[at[hit] + 1]
        lengths = stop - first
        each = np.arange(lengths.sum()) + np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        present[self._pair[each], np.repeat(owner[left[hit]], lengths)] = True
        return _packed(present)


class _Groups:
    """Groups of rows, none empty, each to be made one row by an operation."""

    def __init__(self, groups: list[list[int]]) -> None:
        self._rows = np.array(list(chain.from_iterable(groups)), dtype=np.int64)
        self._starts = np.cumsum([0, *map(len, groups)])[:-1]

    def __len__(self) -> int:
        return len(self._starts)

    def reduce(self, operation: np.ufunc, bits: Bits) -> Bits:
        """One row of bits for each group."""
        reduced: Bits = operation.reduceat(bits[self._rows], self._starts, axis=0)
        return reduced


def _as_sets(term: Term) -> tuple[Words, Words]:
    return frozenset(term[:1]), frozenset(term[1:])


def _packed(present: NDArray[np.bool_]) -> Bits:
    """Rows of bits, 64 in a number."""
    bits = np.packbits(present, axis=1)
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)


class _Texts:
    """Folded texts as one run of bytes, and their words: `words[n]`, with a space after it, is in text `owner[n]`."""

    def __init__(self, folded: Sequence[str]) -> None:
        encoded = [text.encode("utf-8", "surrogatepass") for text in folded]
        self.count = len(encoded)
        self._bytes = b" ".join([*encoded, b""])
        self._ends = np.cumsum([len(text) + 1 for text in encoded])
        separated = np.frombuffer(self._bytes.translate(WORD_BYTES), dtype=np.uint8)
        is_letter = separated != _SPACE
        ends = np.flatnonzero(is_letter[:-1] & ~is_letter[1:])
        self.owner = np.searchsorted(self._ends, ends, side="right")
        one_space = separated[is_letter | np.append(False, is_letter[:-1])]
        offsets = np.append(0, np.flatnonzero(one_space == _SPACE) + 1)
        self.words = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), len(ends), [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(one_space)]
        )
        digits = np.append(0, np.cumsum((one_space >= ord("0")) & (one_space <= ord("9"))))
        self.is_number = np.diff(digits[offsets]) == np.diff(offsets) - 1

    def signs(self) -> Iterator[tuple[bytes, Numbers]]:
        """Each sign, `#` for a digit, and the texts that hold it, as often as they do."""
        every = np.frombuffer(self._bytes, dtype=np.uint8)
        for sign in SIGNS:
            yield sign.encode(), np.searchsorted(self._ends, np.flatnonzero(every == ord(sign)), side="right")
        digits = np.flatnonzero((every >= ord("0")) & (every <= ord("9")))
        yield NUMBER, np.searchsorted(self._ends, digits, side="right")


@lru_cache(maxsize=16)
def prefilter(taxonomy: Taxonomy, field: Field) -> Prefilter:
    """The one of a taxonomy and a field, made once."""
    return Prefilter(taxonomy, field)
