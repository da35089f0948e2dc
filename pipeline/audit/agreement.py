"""For the lead of a review: how far it is, how well people agree, and how often the rules were right.

What is suggested here is shown; nothing applies it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from pipeline.audit.review_queue import KINDS, Desk
from pipeline.duplicates.decisions import Entry, in_force
from pipeline.duplicates.union_find import latest

Z = 1.959964  # 95 % of a normal distribution lie within as many standard deviations
WANTED = 0.9  # share of right pairs that a suggested threshold promises, at the lower end of its interval
ENOUGH = 20  # decided pairs of a kind; with fewer even a flawless rule stays below the wanted share: 20 of 20 give .84


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `total` with Wilson's 95 % interval; all null when there is nothing to take a share of."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """
        >>> [round(end, 3) for end in Share(9, 10).interval]
        [0.596, 0.982]
        """
        if not self.total:
            return None
        p, n = self.count / self.total, self.total
        middle, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, (middle - spread) / (1 + Z * Z / n)), min(1.0, (middle + spread) / (1 + Z * Z / n))


@dataclass(frozen=True, slots=True)
class Rule:
    """How often people called the pairs of one kind the same.

    `threshold`: the lowest score from which on that is often enough (`WANTED`), null where decisions do not show one.
    """

    kind: str
    pairs: int
    same: Share
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers on the pairs that both decided. `kappa`: Cohen's, null where both only ever said one thing."""

    one: str
    other: str
    agree: Share
    kappa: float | None


@dataclass(frozen=True)
class Measures:
    """How far the review is.

    `decided`: of all pairs, also by what follows from others; `states`: pairs by what is decided; `reviewers`: how many
    pairs each has decided.
    """

    decided: Share
    states: dict[str, int]
    reviewers: dict[str, int]
    agreements: tuple[Agreement, ...]
    rules: tuple[Rule, ...]


def measure(desk: Desk) -> Measures:
    """Where the review stands by the tables and decisions of now."""
    standing = desk.look()
    counted = desk.rows(
        "select coalesce(state, 'open') as state, count(*) as pairs "
        "from pairs left join states using (pair) group by 1 order by 2 desc, 1"
    )
    states = {row["state"]: row["pairs"] for row in counted}
    open_ones = sum(states.get(name, 0) for name in ("open", "flag", "skip"))
    total = sum(states.values())
    words = _last_words(standing.entries)
    reviewers: defaultdict[str, int] = defaultdict(int)
    for _, reviewer in words:
        reviewers[reviewer] += 1
    return Measures(
        decided=Share(total - open_ones, total),
        states=states,
        reviewers=dict(sorted(reviewers.items(), key=lambda item: (-item[1], item[0]))),
        agreements=tuple(_agreements(words)),
        rules=tuple(_rules(desk)),
    )


def _last_words(entries: Sequence[Entry]) -> dict[tuple[tuple[str, str], str], bool]:
    """The last word of each reviewer on each pair: whether the two are the same."""
    return {
        (decision.pair, decision.reviewer): decision.is_same
        for entry in in_force(entries)
        for decision in entry.decisions()
    }


def _agreements(words: dict[tuple[tuple[str, str], str], bool]) -> list[Agreement]:
    by_pair: defaultdict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for (pair, reviewer), is_same in words.items():
        by_pair[pair][reviewer] = is_same
    both: defaultdict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for said in by_pair.values():
        for one, other in combinations(sorted(said), 2):
            both[one, other].append((said[one], said[other]))
    return [
        Agreement(*names, Share(sum(x == y for x, y in said), len(said)), _kappa(said))
        for names, said in sorted(both.items())
    ]


def _kappa(said: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa: agreement beyond what chance would give.

    >>> _kappa([(True, True), (True, False), (False, False), (False, False)])
    0.5
    """
    n = len(said)
    agree = sum(x == y for x, y in said) / n
    one, other = sum(x for x, _ in said) / n, sum(y for _, y in said) / n
    chance = one * other + (1 - one) * (1 - other)
    return None if chance == 1 else round((agree - chance) / (1 - chance), 4)


def _rules(desk: Desk) -> list[Rule]:
    """Each kind that has pairs. Pairs that only people have found are no rule's."""
    verdicts = latest(desk.look().decisions)
    found = desk.rows("select a_key, b_key, unnest(kinds) as kind, unnest(scores) as score from pairs where is_by_rule")
    by_kind: defaultdict[str, list[tuple[float, bool | None]]] = defaultdict(list)
    for row in found:
        decision = verdicts.get((row["a_key"], row["b_key"]))
        by_kind[row["kind"]].append((row["score"], decision.is_same if decision else None))
    return [_rule(kind, by_kind[kind]) for kind in KINDS if kind in by_kind]


def _rule(kind: str, pairs: Sequence[tuple[float, bool | None]]) -> Rule:
    decided = [(score, is_same) for score, is_same in pairs if is_same is not None]
    same = Share(sum(is_same for _, is_same in decided), len(decided))
    return Rule(kind, len(pairs), same, _threshold(decided))


def _threshold(decided: Sequence[tuple[float, bool]]) -> float | None:
    """The lowest score from which on people agreed often enough.

    >>> _threshold([(0.9, True)] * 60 + [(0.5, False)] * 60)
    0.9
    """
    if len(decided) < ENOUGH:
        return None
    found = None
    ordered = sorted(decided, reverse=True)
    for place, (score, _) in enumerate(ordered, 1):
        if place < len(ordered) and ordered[place][0] == score:
            continue
        interval = Share(sum(is_same for _, is_same in ordered[:place]), place).interval
        if interval and interval[0] >= WANTED:
            found = score
    return found
