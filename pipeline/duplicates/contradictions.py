"""Finds decisions that contradict each other, with every decision that a contradiction rests on."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.duplicates.decisions import (
    FIGURE_VERDICTS,
    Decision,
    Entry,
    Verdicts,
    figure_decisions,
    in_force,
    latest_by_pair,
)
from pipeline.duplicates.union_find import Clusters, apply_verdicts

__all__ = ["Contradiction", "find_contradictions"]


@dataclass(frozen=True)
class Contradiction:
    """Decisions that cannot all be followed: `refused` is the one that a run does not follow, because of `counts`."""

    refused: Entry
    counts: tuple[Entry, ...]

    def __str__(self) -> str:
        return f"{_sentence(self.refused)}, against {' and '.join(map(_sentence, self.counts))}"


def find_contradictions(entries: Sequence[Entry]) -> list[Contradiction]:
    """Every contradiction among the entries of a decisions file, in the order of the refused ones.

    Either two people decided differently on one pair or figure; then the later decision counts. Or a chain of decisions
    says that two texts are the same, and another decision says that they differ; then they stay apart, and the last
    link of the chain is refused.
    """
    decided = [(decision, entry) for entry in in_force(entries) for decision in entry.decisions()]
    verdicts = latest_by_pair(decision for decision, _ in decided)
    entry_of = {decision.pair: entry for decision, entry in decided}
    found = [
        *_disagreements(decided, verdicts, entry_of),
        *_broken_chains(verdicts, entry_of),
        *_about_figures(entries),
    ]
    return sorted(found, key=lambda contradiction: (contradiction.refused.time, contradiction.refused.id))


def _disagreements(
    decided: list[tuple[Decision, Entry]], verdicts: Verdicts, entry_of: dict[tuple[str, str], Entry]
) -> list[Contradiction]:
    """Pairs on which the last decision of a person is not the one that counts."""
    last = {(decision.pair, decision.reviewer): (decision, entry) for decision, entry in decided}
    return [
        Contradiction(entry, (entry_of[pair],))
        for (pair, reviewer), (decision, entry) in last.items()
        if pair in verdicts and reviewer != verdicts[pair].reviewer and _disagree(decision, verdicts[pair])
    ]


def _about_figures(entries: Sequence[Entry]) -> list[Contradiction]:
    """Figures on which the last decision of a person is not the one that counts."""
    counting = {(entry.a_key, entry.b_key): entry for entry in figure_decisions(entries)}
    of_figures = [entry for entry in in_force(entries) if entry.verdict in FIGURE_VERDICTS]
    last = {(entry.a_key, entry.b_key, entry.reviewer): entry for entry in of_figures}
    return [
        Contradiction(entry, (counting[a, b],))
        for (a, b, reviewer), entry in last.items()
        if reviewer != counting[a, b].reviewer and entry.verdict != counting[a, b].verdict
    ]


def _disagree(one: Decision, other: Decision) -> bool:
    if one.is_same != other.is_same:
        return True
    return one.verdict == other.verdict == "keep" and one.a_key != other.a_key


def _broken_chains(verdicts: Verdicts, entry_of: dict[tuple[str, str], Entry]) -> list[Contradiction]:
    """Decisions that two texts are the same, which a run cannot follow because others say that they differ."""
    number = {key: position for position, key in enumerate(sorted({key for pair in verdicts for key in pair}))}
    refused = apply_verdicts(Clusters(len(number)), number, verdicts)
    refused_pairs = {decision.pair for decision in refused}
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for pair, decision in verdicts.items():
        if decision.is_same and pair not in refused_pairs:
            for one, other in (pair, pair[::-1]):
                neighbours[one].append(other)
    apart = {pair for pair, decision in verdicts.items() if not decision.is_same}
    return [
        Contradiction(entry_of[decision.pair], tuple(entry_of[pair] for pair in _reasons(decision, neighbours, apart)))
        for decision in refused
    ]


def _reasons(refused: Decision, neighbours: dict[str, list[str]], apart: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pair that must stay apart, and the chains that lead to it from both ends of the refused decision."""
    left, right = _reached(refused.a_key, neighbours), _reached(refused.b_key, neighbours)
    one, other = next(
        pair if pair[0] in left and pair[1] in right else pair[::-1]
        for pair in sorted(apart)
        if (pair[0] in left and pair[1] in right) or (pair[1] in left and pair[0] in right)
    )
    links = [*_chain(one, left), *_chain(other, right)]
    return [(min(one, other), max(one, other)), *links]


def _reached(start: str, neighbours: dict[str, list[str]]) -> dict[str, str | None]:
    """Every key that can be reached from `start`, with the one before it on a shortest path."""
    before: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in neighbours.get(here, ()):
            if there not in before:
                before[there] = here
                waiting.append(there)
    return before


def _chain(end: str, before: dict[str, str | None]) -> list[tuple[str, str]]:
    """The pairs on the path to `end`, the last one first."""
    links = []
    here, previous = end, before[end]
    while previous is not None:
        links.append((min(here, previous), max(here, previous)))
        here, previous = previous, before[previous]
    return links


_WORDS = {
    "same": "are the same",
    "different": "are different",
    "keep": "are the same, in the wording of the first",
    "move": "belong together, and the first no longer to its old row",
}


def _sentence(entry: Entry) -> str:
    """A decision as a sentence."""
    if entry.verdict in FIGURE_VERDICTS:
        day = f" on {entry.time[:10]}" if entry.time else ""
        return f"{entry.reviewer} said{day} that “{entry.a}” is {entry.verdict.replace('_', ' ')} as “{entry.b}”"
    texts = [text or f"({key[:8]})" for text, key in ((entry.a, entry.a_key), (entry.b, entry.b_key))]
    when = f" on {entry.time[:10]}" if entry.time else ""
    return f"{entry.reviewer} said{when} that “{texts[0]}” and “{texts[1]}” {_WORDS[entry.verdict]}"
