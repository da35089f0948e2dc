"""Which texts stand whole inside others: exact, on word boundaries, found by runs of five words.

Each text asks with its rarest run alone, so work grows with the words there are, not with the pairs of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from pipeline.duplicates.in_memory.postings import MIX, Booleans, Codes, Numbers, Postings, fitted, ranges
from pipeline.duplicates.in_memory.tokens import Tokens, tokenise

__all__ = ["MOST_HOSTS", "RUN", "find_contained", "is_in", "place_of", "run_codes"]

RUN = 5  # words: guidelines, section 4: a contained answer is at least 5 words long
MOST_HOSTS = 200  # texts; contract: above 200 members each is paired with the canonical one
MOST_LOOKED_AT = 2_000  # texts with a rarest run in common, longest first; what 2,000 do not hold is mere boilerplate


def is_in(part: str, whole: str) -> bool:
    """Whether `part`, of at least five words, stands in `whole` on word boundaries.

    >>> is_in("two days after the visit", "call us two days after the visit or later")
    True
    """
    return place_of(part, whole) is not None or (part == whole and part.count(" ") >= RUN - 1)


def place_of(part: str, whole: str) -> str | None:
    """Where `part`, of at least five words, stands in a longer text: beginning, end or middle; None if nowhere.

    >>> place_of("two days after the visit", "call us two days after the visit or later")
    'middle'
    """
    place = _place(part, whole, False) if part.count(" ") >= RUN - 1 else None
    return place[1] if place else None


def find_contained(keys: Sequence[str], may_be_cut: Sequence[bool], tokens: Tokens | None = None) -> pd.DataFrame:
    """Pairs where the one key is a part of the other: inner, outer (numbers into `keys`), is_cut, position, hosts.

    may_be_cut: whether the last word may be the beginning of one; `is_cut` then says that it had to be taken so.
    position: `beginning`, `end` or `middle`. hosts: texts that hold `inner`; one in more than 200 is paired with the
    longest alone, and hosts is then 201. tokens: the keys' words, where they have been split already.
    """
    rows = [
        (inner, outer, *place, len(hosts))
        for inner, candidates in _candidates(keys, np.array(may_be_cut, dtype=bool), tokens or tokenise(keys))
        for hosts in [list(islice(_hosts(keys, inner, candidates, may_be_cut[inner]), MOST_HOSTS + 1))]
        for outer, place in (hosts if len(hosts) <= MOST_HOSTS else hosts[:1])
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
            yield text, hosts[start : min(end, start + MOST_LOOKED_AT)].tolist()


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
    return run_codes(tokens.text, tokens.code.astype(np.uint64) + np.uint64(1))


def run_codes(text: Numbers, words: Codes) -> tuple[Numbers, Codes]:
    """The runs of five words: their texts, and a code for each, made of the numbers of its words."""
    count = max(0, len(words) - RUN + 1)
    code = words[:count].copy()
    for offset in range(1, RUN):  # wraps around at 2**64 on purpose; hosts are checked on the text itself
        code = (code ^ (code >> np.uint64(29))) * MIX + words[offset : offset + count]
    is_whole = text[:count] == text[len(text) - count :]
    return text[:count][is_whole], code[is_whole]
