"""Two texts aligned word by word, from the first word to the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from rapidfuzz.distance import LCSseq

__all__ = ["Edit", "align"]

LONGEST_ALIGNED = 20_000  # words that differ in between; above it what lies between the ends is one edit


class Edit(NamedTuple):
    """A difference between two texts: words `a_start:a_end` of the one in place of `b_start:b_end` of the other.

    left, right: how many words before and after it are the same in both, up to the next edit or the end.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    left: int
    right: int


def align(a: Sequence[str], b: Sequence[str]) -> list[Edit]:
    """The edits that turn `a` into `b`, in order, with as many words kept as possible.

    The alignment is bit-parallel, n * m / 64 steps in compiled code for the n and m words between what both begin and
    end with: 0.2 s at 20,000 words a side.

    >>> [(edit.a_start, edit.a_end, edit.b_start, edit.b_end) for edit in align("a b c d".split(), "a x c d e".split())]
    [(1, 2, 1, 2), (4, 4, 4, 5)]
    """
    if max(len(a), len(b)) <= LONGEST_ALIGNED:
        spans = _spans(a, b)
    else:
        start, end = _common_ends(a, b)
        core_a, core_b = a[start : len(a) - end], b[start : len(b) - end]
        is_short = max(len(core_a), len(core_b)) <= LONGEST_ALIGNED
        found = _spans(core_a, core_b) if is_short else [(0, len(core_a), 0, len(core_b))]
        spans = [(i + start, j + start, k + start, m + start) for i, j, k, m in found]
    befores = [0, *[span[1] for span in spans]]
    afters = [*[span[0] for span in spans], len(a)]
    return [
        Edit(*span, span[0] - before, after - span[1])
        for span, before, after in zip(spans, befores, afters[1:], strict=False)
    ]


def _common_ends(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """How many words both begin with, and end with."""
    shorter = min(len(a), len(b))
    start = next((position for position in range(shorter) if a[position] != b[position]), shorter)
    left = shorter - start
    return start, next((position for position in range(left) if a[-1 - position] != b[-1 - position]), left)


def _spans(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where the two differ; a deletion and an insertion at one position are one."""
    spans: list[tuple[int, int, int, int]] = []
    codes = cast("list[tuple[str, int, int, int, int]]", LCSseq.opcodes(a, b).as_list())
    for tag, i, j, k, m in codes:
        if tag == "equal":
            continue
        if spans and spans[-1][1] == i and spans[-1][3] == k:
            spans[-1] = (spans[-1][0], j, spans[-1][2], m)
        else:
            spans.append((i, j, k, m))
    return spans
