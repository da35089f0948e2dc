"""Computes the progress of a review, the agreement between reviewers, and how often the rules were right.

The suggested thresholds are only shown, not applied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from pipeline.audit.review_queue import KINDS, ReviewQueue
from pipeline.duplicates.decisions import Entry, in_force, latest_by_pair

Z = 1.959964  # standard deviations around the mean of a normal distribution that contain 95 % of it
TARGET = 0.9  # share of right pairs above a suggested threshold, at the lower end of the interval
ENOUGH = 20  # decided pairs of a kind; with fewer, even a perfect rule is far below the target: 20 of 20 give .84


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `total` with Wilson's 95 % interval; both None when the total is 0."""

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
        middle, margin = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, (middle - margin) / (1 + Z * Z / n)), min(1.0, (middle + margin) / (1 + Z * Z / n))


@dataclass(frozen=True, slots=True)
class Rule:
    """How often people decided that the pairs of one kind are the same.

    `threshold`: the lowest score above which that share reaches `TARGET`; None where the decisions show none.
    """

    kind: str
    pairs: int
    same: Share
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers on the pairs that both decided. `kappa`: Cohen's; None where both gave one verdict only."""

    one: str
    other: str
    agree: Share
    kappa: float | None


@dataclass(frozen=True)
class Progress:
    """The progress of a review.

    `decided`: of all pairs, those that follow from other decisions included; `states`: pairs by state; `reviewers`:
    pairs decided by each reviewer.
    """

    decided: Share
    states: dict[str, int]
    reviewers: dict[str, int]
    agreements: tuple[Agreement, ...]
    rules: tuple[Rule, ...]


def review_progress(queue: ReviewQueue) -> Progress:
    """The progress of the review by the current tables and decisions."""
    decisions = queue.update()
    counted = queue.rows(
        "select coalesce(state, 'open') as state, count(*) as pairs "
        "from pairs left join states using (pair) group by 1 order by 2 desc, 1"
    )
    states = {row["state"]: row["pairs"] for row in counted}
    open_ones = sum(states.get(name, 0) for name in ("open", "flag", "skip"))
    total = sum(states.values())
    verdicts = _last_verdicts(decisions.entries)
    reviewers: defaultdict[str, int] = defaultdict(int)
    for _, reviewer in verdicts:
        reviewers[reviewer] += 1
    return Progress(
        decided=Share(total - open_ones, total),
        states=states,
        reviewers=dict(sorted(reviewers.items(), key=lambda item: (-item[1], item[0]))),
        agreements=tuple(_agreements(verdicts)),
        rules=tuple(_rules(queue)),
    )


def _last_verdicts(entries: Sequence[Entry]) -> dict[tuple[tuple[str, str], str], bool]:
    """The last verdict of each reviewer on each pair: whether the two are the same."""
    return {
        (decision.pair, decision.reviewer): decision.is_same
        for entry in in_force(entries)
        for decision in entry.decisions()
    }


def _agreements(verdicts: dict[tuple[tuple[str, str], str], bool]) -> list[Agreement]:
    by_pair: defaultdict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for (pair, reviewer), is_same in verdicts.items():
        by_pair[pair][reviewer] = is_same
    both: defaultdict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for given in by_pair.values():
        for one, other in combinations(sorted(given), 2):
            both[one, other].append((given[one], given[other]))
    return [
        Agreement(*names, Share(sum(x == y for x, y in given), len(given)), _kappa(given))
        for names, given in sorted(both.items())
    ]


def _kappa(given: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa: the agreement beyond that of chance.

    >>> _kappa([(True, True), (True, False), (False, False), (False, False)])
    0.5
    """
    n = len(given)
    agree = sum(x == y for x, y in given) / n
    one, other = sum(x for x, _ in given) / n, sum(y for _, y in given) / n
    chance = one * other + (1 - one) * (1 - other)
    return None if chance == 1 else round((agree - chance) / (1 - chance), 4)


def _rules(queue: ReviewQueue) -> list[Rule]:
    """One for each kind that has pairs; pairs that only people found do not count."""
    verdicts = latest_by_pair(queue.update().decisions)
    sql = "select a_key, b_key, unnest(kinds) as kind, unnest(scores) as score from pairs where is_by_rule"
    found = queue.rows(sql)
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
    """The lowest score above which people agreed with the rule often enough.

    >>> _threshold([(0.9, True)] * 60 + [(0.5, False)] * 60)
    0.9
    """
    if len(decided) < ENOUGH:
        return None
    found = None
    ordered = sorted(decided, reverse=True)
    for count, (score, _) in enumerate(ordered, 1):
        if count < len(ordered) and ordered[count][0] == score:
            continue
        interval = Share(sum(is_same for _, is_same in ordered[:count]), count).interval
        if interval and interval[0] >= TARGET:
            found = score
    return found
