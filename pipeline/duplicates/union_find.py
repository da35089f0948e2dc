"""Groups of what is one, and what reviewers said of it: joins what may be one, and never two that must stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

__all__ = [
    "Decision",
    "Groups",
    "Verdicts",
    "apply_verdicts",
    "attach_parts",
    "latest",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's word on two contents, named by `content_key`; it holds wherever these contents turn up again.

    keep: they are the same, and the wording of `a_key` shall stand for both.
    """

    a_key: str
    b_key: str
    verdict: Literal["same", "different", "keep"]
    reviewer: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two keys, the smaller one first."""
        return (self.a_key, self.b_key) if self.a_key <= self.b_key else (self.b_key, self.a_key)

    @property
    def is_same(self) -> bool:
        return self.verdict != "different"


Verdicts = dict[tuple[str, str], Decision]


class Groups:
    """Groups of the numbers 0 to `count - 1`, at first each alone.

    >>> groups = Groups(4)
    >>> groups.keep_apart(0, 2)
    >>> groups.join(0, 1), groups.join(1, 2), groups.join(2, 3)
    (True, False, True)
    >>> groups.leaders()
    [0, 0, 2, 2]
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._apart: defaultdict[int, set[int]] = defaultdict(set)  # leader -> members of other groups

    def leader(self, member: int) -> int:
        """The number that stands for the group of `member`; it changes when groups join."""
        parent = self._parent
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def are_one(self, a: int, b: int) -> bool:
        """Whether the two are in one group."""
        return self.leader(a) == self.leader(b)

    def keep_apart(self, a: int, b: int) -> None:
        """From now on, refuse to join the groups of `a` and `b`."""
        self._apart[self.leader(a)].add(b)
        self._apart[self.leader(b)].add(a)

    def apart_from(self, member: int) -> set[int]:
        """All members of the groups that the group of `member` must not join."""
        barred = {self.leader(other) for other in self._apart.get(self.leader(member), ())}
        return {other for other in range(len(self._parent)) if self.leader(other) in barred}

    def can_join(self, a: int, b: int) -> bool:
        """Whether no member of the one group must be kept apart from a member of the other."""
        left, right = self.leader(a), self.leader(b)
        if len(self._apart.get(left, ())) > len(self._apart.get(right, ())):
            left, right = right, left
        return all(self.leader(other) != right for other in self._apart.get(left, ()))

    def join(self, a: int, b: int) -> bool:
        """Make one group of two, and tell whether they are one now."""
        left, right = self.leader(a), self.leader(b)
        if left == right:
            return True
        if not self.can_join(left, right):
            return False
        if (self._size[left], -left) < (self._size[right], -right):
            left, right = right, left
        self._parent[right] = left
        self._size[left] += self._size[right]
        if right in self._apart:
            self._apart[left] |= self._apart.pop(right)
        return True

    def leaders(self) -> list[int]:
        """For each number, the smallest number of its group."""
        smallest: dict[int, int] = {}
        return [smallest.setdefault(self.leader(member), member) for member in range(len(self._parent))]


def latest(decisions: Iterable[Decision]) -> Verdicts:
    """By pair of content keys the last decision on it, in the order of these decisions."""
    verdicts: Verdicts = {}
    for decision in decisions:
        if decision.a_key != decision.b_key:
            verdicts.pop(decision.pair, None)
            verdicts[decision.pair] = decision
    return verdicts


def apply_verdicts(groups: Groups, number: Mapping[str, int], verdicts: Verdicts) -> list[Decision]:
    """Keep apart what was called different, then join what was called the same; the joins that this does not allow.

    number: of every key that the verdicts name.
    """
    for a, b in (pair for pair, decision in verdicts.items() if not decision.is_same):
        groups.keep_apart(number[a], number[b])
    same = [decision for decision in verdicts.values() if decision.is_same]
    return [decision for decision in same if not groups.join(number[decision.a_key], number[decision.b_key])]


def attach_parts(groups: Groups, parts: pd.DataFrame) -> None:
    """Join each group that is only a part of longer answers to the best one of these, so that it bridges no two.

    parts: a, b, inner (the one that is a part), preference and length (of the other; more is better). Best: a longest
    answer, one that is no part of another; then preference, length, first number.
    """
    leaders = groups.leaders()
    hosts: defaultdict[int, set[tuple[float, float, int]]] = defaultdict(set)
    columns = (parts[name].tolist() for name in ("a", "b", "inner", "preference", "length"))
    for a, b, inner, preference, length in zip(*columns, strict=True):
        host = b if inner == a else a
        if leaders[inner] != leaders[host]:
            hosts[leaders[inner]].add((-preference, -length, host))
    for part in sorted(hosts):
        for *_, host in sorted(hosts[part], key=lambda offer: (leaders[offer[-1]] in hosts, *offer)):
            if groups.join(part, host):
                break
