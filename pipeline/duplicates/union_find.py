"""Clusters of what is one, with pairs that cannot be linked: a union-find structure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.duplicates.decisions import Decision, Verdicts

__all__ = ["Clusters", "Part", "apply_verdicts", "attach_parts"]


class Clusters:
    """Clusters of the numbers 0 to `count - 1`, each number alone at first.

    >>> clusters = Clusters(4)
    >>> clusters.forbid_link(0, 2)
    >>> clusters.join(0, 1), clusters.join(1, 2), clusters.join(2, 3)
    (True, False, True)
    >>> clusters.first_members()
    [0, 0, 2, 2]
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._members: dict[int, list[int]] = {}  # by root, of clusters of two and more
        self._forbidden: defaultdict[int, set[int]] = defaultdict(set)  # root -> members of other clusters

    def root(self, member: int) -> int:
        """The number that identifies the cluster of `member`; it changes when clusters join."""
        parent = self._parent
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def are_joined(self, a: int, b: int) -> bool:
        """Whether the two are in one cluster."""
        return self.root(a) == self.root(b)

    def members(self, member: int) -> Sequence[int]:
        """The numbers in the cluster of `member`, in no order."""
        root = self.root(member)
        return self._members.get(root, (root,))

    def forbid_link(self, a: int, b: int) -> None:
        """Add a cannot-link: from now on, the clusters of `a` and `b` are never joined."""
        self._forbidden[self.root(a)].add(b)
        self._forbidden[self.root(b)].add(a)

    def forbidden_for(self, member: int) -> set[int]:
        """All members of the clusters that the cluster of `member` cannot join."""
        roots = {self.root(other) for other in self._forbidden.get(self.root(member), ())}
        return {other for other in range(len(self._parent)) if self.root(other) in roots}

    def can_join(self, a: int, b: int) -> bool:
        """Whether there is no cannot-link between a member of the one cluster and a member of the other."""
        left, right = self.root(a), self.root(b)
        if len(self._forbidden.get(left, ())) > len(self._forbidden.get(right, ())):
            left, right = right, left
        return all(self.root(other) != right for other in self._forbidden.get(left, ()))

    def join(self, a: int, b: int) -> bool:
        """Join two clusters unless a cannot-link forbids it; whether the two are in one cluster now."""
        left, right = self.root(a), self.root(b)
        if left == right:
            return True
        if not self.can_join(left, right):
            return False
        if (self._size[left], -left) < (self._size[right], -right):
            left, right = right, left
        self._parent[right] = left
        self._size[left] += self._size[right]
        self._members.setdefault(left, [left]).extend(self._members.pop(right, (right,)))
        if right in self._forbidden:
            self._forbidden[left] |= self._forbidden.pop(right)
        return True

    def first_members(self) -> list[int]:
        """For each number, the smallest number of its cluster."""
        smallest: dict[int, int] = {}
        return [smallest.setdefault(self.root(member), member) for member in range(len(self._parent))]


def apply_verdicts(clusters: Clusters, number: Mapping[str, int], verdicts: Verdicts) -> list[Decision]:
    """Forbid links between what was decided to differ, then join what was decided to be the same.

    Returns the decisions that would join what others forbid. number: of every key that the verdicts name.
    """
    for a, b in (pair for pair, decision in verdicts.items() if not decision.is_same):
        clusters.forbid_link(number[a], number[b])
    same = [decision for decision in verdicts.values() if decision.is_same]
    return [decision for decision in same if not clusters.join(number[decision.a_key], number[decision.b_key])]


class Part(NamedTuple):
    """The numbers of an answer (host) and of one that is a part of it; copies and length are those of the host."""

    host: int
    inner: int
    copies: int
    length: int


def attach_parts(clusters: Clusters, parts: Iterable[Part], join: Callable[[int, int], bool]) -> None:
    """Join each cluster that is a part of longer answers to the best one of these, so that it connects no two of them.

    The best is a longest answer, one that is no part of another; then the one with most copies, the longest, the first
    number. join: joins two clusters.
    """
    first = clusters.first_members()
    hosts: defaultdict[int, set[tuple[int, int, int]]] = defaultdict(set)
    for host, inner, copies, length in parts:
        if first[inner] != first[host]:
            hosts[first[inner]].add((-copies, -length, host))
    for part in sorted(hosts):
        for *_, host in sorted(hosts[part], key=lambda offer: (first[offer[-1]] in hosts, *offer)):
            if join(part, host):
                break
