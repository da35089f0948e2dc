"""Which texts stand whole inside others: exact, on word boundaries, found by runs of five words.

Each text asks with its rarest run alone, so work grows with the words there are, not with the pairs of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.wording import words_of

__all__ = ["RUN", "find_contained", "is_in"]

RUN = 5  # words: guidelines, section 4: a contained answer is at least 5 words long
MOST_HOSTS = 200  # texts; contract: above 200 members each is paired with the canonical one

Numbers = npt.NDArray[np.int64]


def is_in(part: str, whole: str) -> bool:
    """Whether `part`, of at least five words, stands in `whole` on word boundaries.

    >>> is_in("two days after the visit", "call us two days after the visit or later")
    True
    """
    return part.count(" ") >= RUN - 1 and f" {part} " in f" {whole} "


def find_contained(keys: Sequence[str], may_be_cut: Sequence[bool]) -> pd.DataFrame:
    """Pairs where the one key is a part of the other: inner, outer (numbers into `keys`), is_cut, position.

    may_be_cut: whether the last word may be the beginning of one; `is_cut` then says that it had to be taken so.
    position: `beginning`, `end` or `middle`. A text in more than 200 others is paired with the longest 200 of them.
    """
    posting = _runs(keys, np.array(may_be_cut, dtype=bool))
    anchors = posting[~posting["may_be_partial"]].sort_values(["text", "spread", "run"]).drop_duplicates("text")
    anchors = anchors[anchors["spread"] > 1]
    hosts = posting[posting["run"].isin(anchors["run"])].assign(length=lambda frame: frame["text"].map(len_of(keys)))
    hosts = hosts.sort_values(["length", "text"], ascending=[False, True])
    by_run = dict(iter(hosts.groupby("run")["text"]))
    found = [
        (inner, outer, *place)
        for inner, run in zip(anchors["text"], anchors["run"], strict=True)
        for outer, place in _hosts(keys, inner, by_run[run].tolist(), may_be_cut[inner])
    ]
    return pd.DataFrame(found, columns=["inner", "outer", "is_cut", "position"])


def len_of(keys: Sequence[str]) -> dict[int, int]:
    """The length of each key by number."""
    return {number: len(key) for number, key in enumerate(keys)}


def _hosts(
    keys: Sequence[str], inner: int, candidates: Sequence[int], may_be_cut: bool
) -> Iterator[tuple[int, tuple[bool, str]]]:
    """The texts that hold `inner`, longest first, and where."""
    left = MOST_HOSTS
    for outer in candidates:
        if not left or len(keys[outer]) <= len(keys[inner]):
            return
        place = _place(keys[inner], keys[outer], may_be_cut)
        if place:
            left -= 1
            yield outer, place


def _place(part: str, whole: str, may_be_cut: bool) -> tuple[bool, str] | None:
    """Whether the last word had to be completed, and where the part stands; None if nowhere."""
    part, whole = f" {part} ", f" {whole} "
    is_cut = False
    if part not in whole:
        if not may_be_cut or part[:-1] not in whole:
            return None
        is_cut, part = True, part[:-1]
    if whole.startswith(part):
        return is_cut, "beginning"
    return is_cut, "end" if whole.endswith(part) else "middle"


def _runs(keys: Sequence[str], may_be_cut: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Each run of five words of each text once: text, run (a number), spread (texts that have it), may_be_partial.

    may_be_partial: it stands only at the end of a text whose last word may be cut.
    """
    split = [words_of(key) for key in keys]
    text = np.repeat(np.arange(len(split)), [len(words) for words in split])
    codes = pd.factorize(np.array(list(chain.from_iterable(split)), dtype=object))[0]
    count = max(0, len(codes) - RUN + 1)
    code = codes[:count].astype(np.uint64)
    for offset in range(1, RUN):  # wraps around at 2**64 on purpose; hosts are checked on the text itself
        code = code * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + count].astype(np.uint64)
    is_whole = text[:count] == text[RUN - 1 :] if count else np.zeros(0, dtype=bool)
    text, run = text[:count][is_whole], pd.factorize(code[is_whole])[0]
    is_last = np.append(text[1:] != text[:-1], True)[: len(text)]
    posting = pd.DataFrame({"text": text, "run": run, "may_be_partial": is_last & may_be_cut[text]})
    posting = posting.sort_values(["text", "run", "may_be_partial"]).drop_duplicates(["text", "run"])
    return posting.assign(spread=posting["run"].map(posting["run"].value_counts()))
