"""Groups by average linkage over a sparse likeness: two groups join while their members are alike on average."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

__all__ = ["average_linkage"]


def average_linkage(count: int, likenesses: Iterable[tuple[int, int, float]], least: float) -> list[list[int]]:
    """The groups of two or more of the numbers 0 to `count - 1`, each sorted, by their first member.

    likenesses: a, b, likeness, each pair once; a pair that is missing counts as 0. Ties go to the smaller numbers.

    >>> average_linkage(4, [(0, 1, 0.9), (1, 2, 0.5), (2, 3, 0.6)], least=0.4)
    [[0, 1], [2, 3]]
    """
    total: list[dict[int, float]] = [{} for _ in range(count)]
    for a, b, likeness in likenesses:
        total[a][b] = total[b][a] = likeness
    members = [[number] for number in range(count)]
    heap = [(-likeness, a, b) for a, near in enumerate(total) for b, likeness in near.items() if a < b]
    heap = [entry for entry in heap if -entry[0] >= least]
    heapify(heap)
    while heap:
        likeness, a, b = heappop(heap)
        if b not in total[a] or -total[a][b] / (len(members[a]) * len(members[b])) != likeness:
            continue  # one of the two has grown since
        if len(total[a]) < len(total[b]):
            a, b = b, a
        _absorb(total, a, b)
        members[a] += members[b]
        members[b] = []
        for other, sum_of in total[a].items():
            average = sum_of / (len(members[a]) * len(members[other]))
            if average >= least:
                heappush(heap, (-average, min(a, other), max(a, other)))
    return sorted(sorted(group) for group in members if len(group) > 1)


def _absorb(total: list[dict[int, float]], a: int, b: int) -> None:
    """Add what is alike to `b` to what is alike to `a`, and forget `b`."""
    del total[a][b], total[b][a]
    for other, sum_of in total[b].items():
        del total[other][b]
        total[a][other] = total[other][a] = total[a].get(other, 0.0) + sum_of
    total[b] = {}
