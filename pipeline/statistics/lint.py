"""Checks a file of claims: runs its sentences as tests, and counts the published figures that each claim names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.statistics.claim_definitions import ClaimDefinitions
from pipeline.statistics.claims import claim_of
from pipeline.statistics.find import find_statistics

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClaimFailure", "ClaimUse", "claim_uses", "lint_claims", "lint_report"]

_MEASURES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ClaimFailure:
    """A sentence of a claim that does not hold.

    "missed": a sentence under `yes` has no figure of the claim; `measures` says what its figures measure instead.
    "stray": a sentence under `no` has one. "unread": no figure is found in the sentence, so that it tests nothing.
    """

    claim: str
    problem: Literal["missed", "stray", "unread"]
    sentence: str
    measures: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        what = {
            "missed": "a sentence under `yes` has no figure of this claim",
            "stray": "a sentence under `no` has a figure of this claim",
            "unread": "no figure is found in this sentence",
        }[self.problem]
        measured = f"; measured: {', '.join(map(repr, self.measures))}" if self.measures else ""
        return f"{self.claim}: {what}: {self.sentence!r}{measured}"


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """How many published figures a claim names, and the measures that they have most often."""

    claim: str
    means: str
    figures: int
    measures: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def lint_claims(definitions: ClaimDefinitions) -> list[ClaimFailure]:
    """The sentences of the file that do not hold, in the file's order."""
    return [
        failure
        for claim in definitions.claims
        for key, sentences in (("yes", claim.yes), ("no", claim.no))
        for sentence in sentences
        if (failure := _failure(definitions, claim.name, sentence, key == "yes"))
    ]


def _failure(definitions: ClaimDefinitions, claim: str, sentence: str, is_example: bool) -> ClaimFailure | None:
    found = find_statistics(sentence)
    if not found:
        return ClaimFailure(claim, "unread", sentence, ())
    names = [
        _name(
            definitions,
            s.kind,
            s.measure,
            s.population,
            s.quote,
            None,
            s.high,
            s.char_start - s.quote_char_start,
            s.surface,
        )
        for s in found
    ]
    if (claim in names) == is_example:
        return None
    return ClaimFailure(claim, "missed" if is_example else "stray", sentence, tuple(s.measure or "-" for s in found))


def _name(
    definitions: ClaimDefinitions,
    kind: str,
    measure: str | None,
    population: str | None,
    quote: str,
    question: str | None,
    high: float | None,
    start: int,
    surface: str,
) -> str | None:
    """The known claim of a figure; `start`: of its surface in its quote."""
    span = (start, start + len(surface))
    named = claim_of(kind, measure, population, quote, question, high=high, span=span, definitions=definitions)
    return named.name if named.is_known else None


def claim_uses(figures: pd.DataFrame, definitions: ClaimDefinitions) -> list[ClaimUse]:
    """What each claim names among the published `figures` (sql/ledger/figures_for_claims.sql), in the file's order."""
    measures: dict[str, Counter[str]] = {claim.name: Counter() for claim in definitions.claims}
    plain = figures.astype(object).where(figures.notna(), None)
    for row in plain.itertuples(index=False):
        name = _name(definitions, *row)
        if name is not None:
            measures[name][str(row.measure or "-")] += 1
    return [
        ClaimUse(claim.name, claim.means, sum(counts.values()), tuple(_most_common(counts)))
        for claim in definitions.claims
        for counts in (measures[claim.name],)
    ]


def _most_common(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda measure: (-counts[measure], measure))[:_MEASURES_SHOWN]


def lint_report(
    definitions: ClaimDefinitions, failures: Sequence[ClaimFailure], uses: Sequence[ClaimUse], figures: int
) -> str:
    """The result of a lint as text: the sentences that fail, then what each claim names."""
    sentences = sum(len(claim.yes) + len(claim.no) for claim in definitions.claims)
    named = sum(use.figures for use in uses)
    lines = [f"{sentences - len(failures)} of {sentences} sentences hold, {len(definitions.claims)} claims"]
    lines += [f"  FAILS  {failure}" for failure in failures]
    lines += [f"{named:,} of {figures:,} published figures have a claim"]
    lines += [f"  {use.figures:>6,}  {use.claim}: {use.means}" for use in uses if use.figures]
    unused = [use.claim for use in uses if not use.figures]
    lines += [f"{len(unused):,} claims name no published figure"] + [f"  {claim}" for claim in unused]
    return "\n".join(lines)
