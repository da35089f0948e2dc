"""Finds which cues can be in which of many texts, and where they can begin.

One pass over the words of all texts fills a table of bits with a row for each set of words that a cue needs and a bit
for each text; an AND of such rows gives the texts that can contain a cue. Python then tries the cue only in those
texts, and only at words that it can begin with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.topics.phrases import NUMBER, SIGNS, WORD_BYTES, adjacent_words
from pipeline.topics.taxonomy import Candidate, Field, Taxonomy

_SPACE = ord(" ")
_IS_SIGN = np.isin(np.arange(256), list(f"0123456789{SIGNS}".encode()))

Words = frozenset[bytes]
Bits = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class _Tokens(NamedTuple):
    """Words and signs: the number of each, its position in the joined texts, and its text."""

    word: Numbers
    at: Numbers
    owner: Numbers


class Prefilter:
    """The word sets of a taxonomy's cues for one field, as arrays."""

    def __init__(self, taxonomy: Taxonomy, field: Field) -> None:
        cues = [item.cue for item in taxonomy.field_cues[field]]
        needs = [cue.needs for cue in cues]
        adjacent = [adjacent_words(cue.spelled) for cue in cues]
        words = {NUMBER}.union(*chain.from_iterable(needs), *(cue.starts for cue in cues))
        words.update(chain.from_iterable(chain.from_iterable(chain.from_iterable(adjacent))))
        self._ids = {word: number for number, word in enumerate(sorted(words))}
        self._starts = [[self._ids[word] for word in cue.starts] for cue in cues]
        self._words = pa.array([word + b" " for word in self._ids], pa.large_binary())
        row_of_pair = {pair: row for row, pair in enumerate(dict.fromkeys(chain.from_iterable(adjacent)))}
        self._pairs = len(row_of_pair)
        self._codes, self._first, self._pair = self._coded(row_of_pair)
        self._is_left, self._is_right = np.zeros((2, len(words) + 1), dtype=bool)
        left, right = np.divmod(self._codes, len(words) + 1)
        self._is_left[left] = self._is_right[right] = True
        row_of_need = {need: row for row, need in enumerate(dict.fromkeys(chain.from_iterable(needs)))}
        self._needs = _Groups([[self._ids[word] for word in need] for need in row_of_need])
        self._cues = _Groups(
            [
                [*map(row_of_need.__getitem__, need), *(len(row_of_need) + row_of_pair[pair] for pair in group)]
                for need, group in zip(needs, adjacent, strict=True)
            ]
        )

    def _coded(self, row_of_pair: dict[tuple[Words, Words], int]) -> tuple[Numbers, Numbers, Numbers]:
        """Three arrays: adjacent word pairs as one number, ascending; where its rows begin in the third; the rows."""
        numbers = frozenset(word for word in self._ids if word.isdigit())
        size = len(self._ids) + 1
        codes, rows = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for pair, row in row_of_pair.items():
            # A number of the text that is also a word of some cue ("911") has that word's number.
            sides = (words | numbers if NUMBER in words else words for words in pair)
            one, other = (np.array([self._ids[word] for word in words]) for words in sides)
            both = (one[:, None] * size + other).ravel()
            codes.append(both)
            rows.append(np.full(len(both), row))
        code = np.concatenate(codes)
        order = np.argsort(code, kind="stable")
        distinct, first = np.unique(code[order], return_index=True)
        return distinct, np.append(first, len(code)), np.concatenate(rows)[order]

    def candidates(self, folded: Sequence[str]) -> Iterator[Candidate]:
        """The cues that can be in the folded texts, in the order of `taxonomy.field_cues`."""
        if not folded or not len(self._cues):
            return
        text = _Texts(folded)
        words = _Tokens(self._numbered(text), text.begins, text.owner(text.begins))
        tokens = self._with_signs(words, text)
        adjacent = self._adjacent(words, text.width)
        fulfilled = self._needs.reduce(np.bitwise_or, self._texts_with(tokens, text.width))
        possible = self._cues.reduce(np.bitwise_and, np.concatenate([fulfilled, adjacent]))
        cues = np.flatnonzero(possible.any(axis=1)).tolist()
        starts = _ByWord(tokens, sorted({word for cue in cues for word in self._starts[cue]}), len(self._ids))
        for cue in cues:
            is_possible = np.unpackbits(possible[cue].view(np.uint8)).view(bool)
            at = starts.at(self._starts[cue], is_possible)
            owner = np.searchsorted(text.ends, at, side="right")
            yield Candidate(cue, owner.tolist(), (at - text.starts[owner]).tolist())

    def _numbered(self, text: _Texts) -> Numbers:
        """The number of each word: that of `#` for digits, `len(self._ids)` for a word that no cue uses."""
        unknown = len(self._ids)
        known: Numbers = pc.index_in(text.words, value_set=self._words).fill_null(unknown).to_numpy().astype(np.int64)
        known[(known == unknown) & text.is_number()] = self._ids[NUMBER]
        return known

    def _with_signs(self, words: _Tokens, text: _Texts) -> _Tokens:
        """The words, followed by the signs that cues use."""
        signs = [(self._ids[sign], at) for sign, at in text.signs() if sign in self._ids]
        tokens = [words, *(_Tokens(np.full(len(at), number), at, text.owner(at)) for number, at in signs)]
        return _Tokens(*map(np.concatenate, zip(*tokens, strict=True)))

    def _texts_with(self, tokens: _Tokens, width: int) -> Bits:
        """A row for each word and sign, with the bits of the texts that contain it."""
        return _bits(tokens.word, tokens.owner, len(self._ids) + 1, width)

    def _adjacent(self, words: _Tokens, width: int) -> Bits:
        """A row for each pair of word sets, with the bits of the texts where words of both are adjacent."""
        ids, _, owner = words
        is_pair = self._is_left[ids[:-1]] & self._is_right[ids[1:]] & (owner[:-1] == owner[1:])
        left = np.flatnonzero(is_pair)
        codes = ids[left] * (len(self._ids) + 1) + ids[left + 1]
        at = np.searchsorted(self._codes, codes)
        hit = np.flatnonzero(np.append(self._codes, -1)[at] == codes)
        first, stop = self._first[at[hit]], self._first[at[hit] + 1]
        lengths = stop - first
        rows = np.arange(lengths.sum()) + np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        return _bits(self._pair[rows], np.repeat(owner[left[hit]], lengths), self._pairs, width)


class _ByWord:
    """The positions of some words; `count`: how many words are numbered."""

    def __init__(self, tokens: _Tokens, words: list[int], count: int) -> None:
        is_wanted = np.zeros(count + 1, dtype=bool)
        is_wanted[words] = True
        positions = np.flatnonzero(is_wanted[tokens.word])
        # Numbers of 16 bits are sorted ten times faster.
        order = positions[np.argsort(tokens.word[positions].astype(np.min_scalar_type(count)), kind="stable")]
        self._at, self._owner = tokens.at[order], tokens.owner[order]
        self._first = np.searchsorted(tokens.word[order], np.arange(count + 1)).tolist()

    def at(self, words: list[int], is_possible: NDArray[np.bool_]) -> Numbers:
        """The positions of these words, ascending, in the texts that can contain the cue."""
        found = []
        for word in words:
            of_word = slice(self._first[word], self._first[word + 1])
            found.append(self._at[of_word][is_possible[self._owner[of_word]]])
        return np.sort(np.concatenate(found))


class _Groups:
    """Groups of rows, none empty; an operation reduces each group to one row."""

    def __init__(self, groups: list[list[int]]) -> None:
        self._rows = np.array(list(chain.from_iterable(groups)), dtype=np.int64)
        self._starts = np.cumsum([0, *map(len, groups)])[:-1]

    def __len__(self) -> int:
        return len(self._starts)

    def reduce(self, operation: np.ufunc, bits: Bits) -> Bits:
        """One row of bits for each group."""
        reduced: Bits = operation.reduceat(bits[self._rows], self._starts, axis=0)
        return reduced


def _bits(row: Numbers, number: Numbers, rows: int, width: int) -> Bits:
    """`rows` rows of `width` bits, 64 to a number, with the bits of these rows and numbers set."""
    present = np.zeros(rows * width, dtype=bool)
    present[row * width + number] = True
    return np.packbits(present).view(np.uint64).reshape(rows, width // 64)


class _Texts:
    """Folded texts joined, a byte for each character, and their words, each followed by a space.

    `begins`: the positions of the words; `starts`: those of the texts. `width`: the number of bits of a row of bits.
    """

    def __init__(self, folded: Sequence[str]) -> None:
        self.count = len(folded)
        self.width = self.count + -self.count % 64
        self._bytes = "\0".join([*folded, ""]).encode("ascii", "replace")
        self.ends = np.cumsum([len(text) + 1 for text in folded])
        self.starts = np.append(0, self.ends[:-1])
        separated = np.frombuffer(self._bytes.translate(WORD_BYTES), dtype=np.uint8)
        is_letter = separated != _SPACE
        edges = np.flatnonzero(np.diff(is_letter, prepend=False))
        self.begins = edges[::2]
        self._spelled = separated[is_letter | np.append(False, is_letter[:-1])]
        self._offsets = np.append(0, np.cumsum(edges[1::2] - self.begins + 1))
        buffers = [None, pa.py_buffer(self._offsets), pa.py_buffer(self._spelled)]
        self.words = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(self.begins), buffers)

    def owner(self, at: Numbers) -> Numbers:
        """The number of the text that contains each of these ascending positions."""
        return np.repeat(np.arange(self.count), np.diff(np.searchsorted(at, self.ends), prepend=0))

    def is_number(self) -> NDArray[np.bool_]:
        """Whether each word consists of digits only."""
        is_number: NDArray[np.bool_] = self._spelled[self._offsets[:-1]] <= ord("9")
        numbers = pc.match_substring_regex(self.words.filter(pa.array(is_number)), "^[0-9]+ $")
        is_number[is_number] = numbers.to_numpy(zero_copy_only=False)
        return is_number

    def signs(self) -> Iterator[tuple[bytes, Numbers]]:
        """Each sign, `#` for a number, with its positions."""
        every = np.frombuffer(self._bytes, dtype=np.uint8)
        at = np.flatnonzero(_IS_SIGN[every])
        signs = every[at]
        for sign in SIGNS:
            yield sign.encode(), at[signs == ord(sign)]
        digits = at[(signs >= ord("0")) & (signs <= ord("9"))]
        yield NUMBER, digits[np.diff(digits, prepend=-2) > 1]


@lru_cache(maxsize=16)
def prefilter(taxonomy: Taxonomy, field: Field) -> Prefilter:
    """The prefilter of a taxonomy and a field, built once."""
    return Prefilter(taxonomy, field)
