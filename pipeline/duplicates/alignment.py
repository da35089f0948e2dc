"""Two texts aligned word by word, from the first word to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

__all__ = ["Edit", "align"]

LONGEST_ALIGNED = 20_000  # words that differ in between; above it what lies between the ends is one edit


@dataclass(frozen=True, slots=True)
class Edit:
    """A place where two texts differ: words `a_start:a_end` of the one stand for `b_start:b_end` of the other.

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

    What both begin and end with is cut off first. The rest goes to a bit-parallel alignment, n * m / 64 steps in
    compiled code: 0.2 s at 20,000 words a side.

    >>> [(edit.a_start, edit.a_end, edit.b_start, edit.b_end) for edit in align("a b c d".split(), "a x c d e".split())]
    [(1, 2, 1, 2), (4, 4, 4, 5)]
    """
    start = 0
    shorter = min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    core_a, core_b = a[start : len(a) - end], b[start : len(b) - end]
    if not core_a and not core_b:
        return []
    if core_a and core_b and max(len(core_a), len(core_b)) <= LONGEST_ALIGNED:
        codes = LCSseq.opcodes(core_a, core_b)
        spans = [(c.src_start, c.src_end, c.dest_start, c.dest_end) for c in codes if c.tag != "equal"]
    else:
        spans = [(0, len(core_a), 0, len(core_b))]
    spans = [(i + start, j + start, k + start, m + start) for i, j, k, m in _joined(spans)]
    befores = [0, *(span[1] for span in spans)]
    afters = [*(span[0] for span in spans), len(a)]
    return [Edit(*span, span[0] - befores[place], afters[place + 1] - span[1]) for place, span in enumerate(spans)]


def _joined(spans: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """A deletion and an insertion at one place are one edit."""
    joined: list[tuple[int, int, int, int]] = []
    for span in spans:
        if joined and joined[-1][1] == span[0] and joined[-1][3] == span[2]:
            joined[-1] = (joined[-1][0], span[1], joined[-1][2], span[3])
        else:
            joined.append(span)
    return joined
