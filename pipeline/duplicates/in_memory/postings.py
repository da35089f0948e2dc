"""Who has which term: an inverted index over numbered texts, in arrays.

Terms are numbered rarest first, so the terms of a text come in the order of what they tell. A term that one text alone
has can find nobody and is only counted; in real text that is most of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.duplicates.tokens import MIX, Codes, Numbers

__all__ = ["Booleans", "Postings", "Weights", "fitted", "ranges", "run_starts"]

BITS = 63  # of a number that holds a term and a text

Booleans = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Postings:
    """The terms that two or more texts have. Places count through all of them: by term, rarest first, then by text.

    `code`: of each term, as given or mixed down. `bounds`: where its places begin, and one end more. `text`: at each
    place. `member`: the places of each text one after the other, ascending; `starts`: where each text's begin, and one
    end more. `lone`: for each text, how many terms it alone has.
    """

    code: Codes
    bounds: Numbers
    text: Numbers
    member: Numbers
    starts: Numbers
    lone: Numbers

    @classmethod
    def of(cls, text: Numbers, code: Codes, texts: int) -> Postings:
        """The index of terms named by code, with repeats; `text` is ascending.

        Codes that do not fit beside a text's number into 63 bits are mixed down to what fits; two terms in a million
        million then count as one.
        """
        often = _may_repeat(code)
        lone = np.bincount(text[~often], minlength=texts)
        code, text = _distinct(fitted(code[often], texts), text[often], _bits(texts))
        first = np.flatnonzero(run_starts(code))
        spread = np.diff(first, append=len(code))
        lone += np.bincount(text[first[spread == 1]], minlength=texts)
        rarest_first = np.argsort(spread, kind="stable")
        rarest_first = rarest_first[np.searchsorted(spread[rarest_first], 2) :]
        bounds = np.append(0, np.cumsum(spread[rarest_first]))
        text = text[ranges(first[rarest_first], spread[rarest_first])]
        starts = np.append(0, np.cumsum(np.bincount(text, minlength=texts)))
        return cls(code[first[rarest_first]], bounds, text, _stable_order(text, texts), starts, lone)

    @cached_property
    def sizes(self) -> Numbers:
        """For each text, how many of its terms others have too."""
        return np.diff(self.starts)

    @cached_property
    def spread(self) -> Numbers:
        """For each term, how many texts have it."""
        return np.diff(self.bounds)

    @cached_property
    def weight(self) -> Weights:
        """Of each term, the rarer the more."""
        return np.log1p(len(self.lone) / self.spread)

    @property
    def lone_weight(self) -> float:
        """Of a term that one text alone has."""
        return float(np.log1p(len(self.lone)))

    @cached_property
    def term(self) -> Numbers:
        """The term at each place."""
        return np.repeat(np.arange(len(self.spread), dtype=np.int32), self.spread)

    @cached_property
    def terms_of(self) -> Numbers:
        """The terms of each text one after the other, rarest first, as `member` has their places."""
        return self.term[self.member]

    def totals(self, values: Weights, of_lone: float) -> Weights:
        """For each text the sum of its terms' values, and of `of_lone` for each term that it alone has."""
        shared = np.bincount(self.text, np.repeat(values, self.spread), len(self.lone))
        return np.asarray(shared + of_lone * self.lone, dtype=np.float64)


def run_starts(values: npt.NDArray[np.generic]) -> Booleans:
    """Which of the values, in order, differ from the one before."""
    is_start = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=is_start[1:])
    return is_start


def ranges(starts: Numbers, sizes: Numbers) -> Numbers:
    """The numbers of several ranges one after the other.

    >>> ranges(np.array([7, 2]), np.array([2, 3])).tolist()
    [7, 8, 2, 3, 4]
    """
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.repeat(starts - before, sizes) + np.arange(int(np.sum(sizes))), dtype=np.int64)


def _may_repeat(code: Codes) -> Booleans:
    """False for codes that certainly stand once: no other falls into their bucket. Spares most of a sort."""
    if not len(code) or int(code.max()) < len(code) // 4:
        return np.ones(len(code), dtype=bool)
    bits = len(code).bit_length() + 1
    bucket = ((code * MIX) >> np.uint64(64 - bits)).astype(np.int64)
    return np.asarray((np.bincount(bucket) > 1)[bucket], dtype=bool)


def _distinct(code: Codes, text: Numbers, bits: int) -> tuple[Codes, Numbers]:
    """Each code of a text once, sorted by code; bits: of the largest number of a text."""
    is_narrow = len(code) and int(code.max()).bit_length() + bits <= 32
    packed = (code << np.uint64(bits)) | text.astype(np.uint64)
    packed = np.sort(packed.astype(np.uint32) if is_narrow else packed)  # half as wide sorts in two thirds of the time
    packed = packed[run_starts(packed)].astype(np.uint64)
    return packed >> np.uint64(bits), (packed & np.uint64((1 << bits) - 1)).astype(np.int32)


def fitted(code: Codes, texts: int) -> Codes:
    """The codes in so many bits as fit beside the number of a text: themselves, or mixed down."""
    bits = BITS - _bits(texts)
    if not len(code) or int(code.max()) >> bits == 0:
        return code
    return np.asarray((code * MIX) >> np.uint64(64 - bits), dtype=np.uint64)


def _bits(texts: int) -> int:
    """Bits of the largest number of a text."""
    return max(1, (texts - 1).bit_length())


def _stable_order(numbers: Numbers, limit: int) -> Numbers:
    """The order of numbers below `limit`, equals as they stand: 16 bits at a time, in a quarter of a sort."""
    order = np.argsort((numbers & 0xFFFF).astype(np.uint16), kind="stable")
    for shift in range(16, max(limit - 1, 1).bit_length(), 16):
        order = order[np.argsort(((numbers[order] >> shift) & 0xFFFF).astype(np.uint16), kind="stable")]
    return order.astype(np.int32) if len(order) < 2**31 else order
