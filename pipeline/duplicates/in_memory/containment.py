"""Which texts stand whole inside others: exact, on word boundaries, found by runs of five words.

Each text asks with its rarest run alone, so work grows with the words there are, not with the pairs of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from pipeline.duplicates.containment import shingle_codes
from pipeline.duplicates.in_memory.postings import Booleans, Postings, fitted, ranges
from pipeline.duplicates.tokens import Codes, Numbers, Tokens, tokenise
from pipeline.limits import LARGEST_GROUP, LARGEST_SEARCH

__all__ = ["find_contained"]


def find_contained(keys: Sequence[str], may_be_cut: Sequence[bool], tokens: Tokens | None = None) -> pd.DataFrame:
    """Pairs where the one key is a part of the other: inner, outer (numbers into `keys`), is_cut, position, hosts.

    may_be_cut: whether the last word may be the beginning of one; `is_cut` then says that it had to be taken so.
    position: `beginning`, `end` or `middle`. hosts: texts that hold `inner`; one in more than 200 is paired with the
    longest alone, and hosts is then 201. tokens: the keys' words, where they have been split already.
    """
    rows = [
        (inner, outer, *place, len(hosts))
        for inner, candidates in _candidates(keys, np.array(may_be_cut, dtype=bool), tokens or tokenise(keys))
        for hosts in [list(islice(_hosts(keys, inner, candidates, may_be_cut[inner]), LARGEST_GROUP + 1))]
        for outer, place in (hosts if len(hosts) <= LARGEST_GROUP else hosts[:1])
    ]
    return pd.DataFrame(rows, columns=["inner", "outer", "is_cut", "position", "hosts"])


def _hosts(
    keys: Sequence[str], inner: int, candidates: Sequence[int], may_be_cut: bool
) -> Iterator[tuple[int, tuple[bool, str]]]:
    """The texts that hold `inner`, longest first, and where."""
    for outer in candidates:
        place = _place(keys[inner], keys[outer], may_be_cut)
        if place:
            yield outer, place


def _place(part: str, whole: str, may_be_cut: bool) -> tuple[bool, str] | None:
    """Whether the last word had to be completed, and where the part stands in the longer text; None if nowhere."""
    if whole.startswith(part + " "):
        return False, "beginning"
    if whole.endswith(" " + part):
        return False, "end"
    if f" {part} " in whole:
        return False, "middle"
    if may_be_cut and whole.startswith(part):
        return True, "beginning"
    return (True, "middle") if may_be_cut and f" {part}" in whole else None


def _candidates(keys: Sequence[str], may_be_cut: Booleans, tokens: Tokens) -> Iterator[tuple[int, list[int]]]:
    """Each text that may be in others, with those to look at: longer ones that have its rarest run, longest first."""
    inner, run, index = _anchors(tokens, may_be_cut)
    runs, number = np.unique(run, return_inverse=True)
    group = np.repeat(np.arange(len(runs)), index.spread[runs])
    hosts = index.text[ranges(index.bounds[runs], index.spread[runs])]
    length = np.fromiter(map(len, keys), np.int64, len(keys))
    order = np.lexsort((hosts, -length[hosts], group))
    group, hosts = group[order], hosts[order]
    most = length.max(initial=0) + 1
    place = group * most - length[hosts]
    starts, ends = np.searchsorted(group, number), np.searchsorted(place, number * most - length[inner])
    for text, start, end in zip(inner.tolist(), starts.tolist(), ends.tolist(), strict=True):
        if start < end:
            yield text, hosts[start : min(end, start + LARGEST_SEARCH)].tolist()


def _anchors(tokens: Tokens, may_be_cut: Booleans) -> tuple[Numbers, Numbers, Postings]:
    """Texts and the rarest run of each that others have too; a run that may end in half a word is none to ask by."""
    text, code = _runs(tokens)
    code = fitted(code, len(tokens.sizes))
    index = Postings.of(text, code, len(tokens.sizes))
    is_last = np.append(text[1:] != text[:-1], True)[: len(text)]
    ending = np.zeros(len(tokens.sizes), dtype=np.uint64)
    ending[text[is_last]] = code[is_last]
    stands = np.bincount(text[code == ending[text]], minlength=len(ending))
    is_half = may_be_cut & (stands == 1)
    shared = np.flatnonzero(index.sizes)
    first = index.starts[shared]
    first += is_half[shared] & (index.code[index.terms_of[first]] == ending[shared])
    is_there = first < index.starts[shared + 1]
    return shared[is_there], index.terms_of[first[is_there]], index


def _runs(tokens: Tokens) -> tuple[Numbers, Codes]:
    """The runs of five words: their texts, and a code for each."""
    return shingle_codes(tokens.text, tokens.code.astype(np.uint64) + np.uint64(1))
