"""Prepares the figures whose sources disagree for review: what was read, where, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.audit.forms import Refusal, shortened
from pipeline.audit.review_queue import ReviewQueue, Row, whole_lines
from pipeline.duplicates.decisions import FIGURE_VERDICTS, Entry, figure_decisions
from pipeline.ledger.formatting import bounds, spread
from pipeline.storage import statements

_FILES = ("ledger/figure_keys", "audit/60_disputed_claims", "audit/62_disputed_figures")
_AROUND = 300  # characters of the source shown before and after a sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim whose figures disagree: its figures in the order of their values, with their decisions.

    outcome: the row of `claims` that the next run makes of it.
    """

    number: int
    name: str
    figures: list[Row]
    outcome: Row

    @property
    def left(self) -> int:
        """How many of its figures nobody has decided on."""
        return sum(1 for figure in self.figures if not figure["state"])


class DisputedFigures:
    """The figures of one published generation that disagree. `ReviewQueue` guards the database."""

    def __init__(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._generation = ""

    def claims(self) -> list[Claim]:
        """Every claim whose figures disagree or are decided on, in the order of the view `claims`."""
        figures = self.figures()
        outcomes = self._outcomes([figure for figure in figures if figure["state"]])
        grouped: dict[int, list[Row]] = {}
        for figure in figures:
            grouped.setdefault(figure["number"], []).append(figure)
        return [
            Claim(number, _name(found[0]), found, outcomes[_identity(found[0])]) for number, found in grouped.items()
        ]

    def figures(self) -> list[Row]:
        """Every disputed figure in the order of the review, with state, reviewer and note. Raises `Refusal`."""
        queue = self._queue
        if not self.are_published():
            raise Refusal(
                409, "An older qaledger published these tables; run `qaledger run` once to list figures that disagree."
            )
        if self._generation != queue.generation:
            queue.execute_files(*_FILES)
            self._generation = queue.generation
        rows = queue.rows("from disputed_figures order by rank")
        states = figure_states(queue.log.read().entries)
        nobody = Entry("", "")
        for row in rows:
            entry = states.get((row["figure_key"], row["reading_key"]), nobody)
            row |= {"state": entry.verdict, "reviewer": entry.reviewer, "note": entry.note, "value": bounds(row)}
        return rows

    def are_published(self) -> bool:
        """Whether the tables were published by a qaledger that knows decisions about figures."""
        return "figure_decisions" in statements.tables_in(self._queue.ledger.db)

    def newly_decided(self) -> int:
        """How many figures have another decision than in the published tables."""
        if not self.are_published():
            return 0
        rows = self._queue.rows("select statistic_id, decision from figure_decisions")
        published = {row["statistic_id"]: row["decision"] for row in rows}
        return sum(figure["state"] != published.get(figure["statistic_id"], "") for figure in self.figures())

    def source(self, figure: Row) -> Row:
        """The sentence of a figure with the lines around it: before, head, surface, tail, after."""
        parameters = {"statistic_id": figure["statistic_id"], "around": _AROUND}
        source = self._queue.answer("audit/figure_source", **parameters)[0]
        return {**source, **whole_lines(source)}

    def _outcomes(self, decided: Sequence[Row]) -> dict[tuple[object, ...], Row]:
        """The rows of `claims` that the next run makes of the disputed claims, by what identifies them."""
        rows = [(one, figure["state"]) for figure in decided for one in figure["statistic_ids"]]
        decisions = pd.DataFrame(rows, columns=["statistic_id", "decision"], dtype="str")
        decisions = decisions[decisions["decision"].isin(FIGURE_VERDICTS)]
        sql = f"""
            with statistics as (
                from main.statistics where claim in (select claim from disputed_claims)
            ),
            figure_decisions as (from decided_now)
            from ({statements.statement("ledger/claims")})
        """
        found = self._queue.rows_with("decided_now", decisions, sql)
        return {_identity(row): {**row, "spread": spread(row) if row["figures"] else ""} for row in found}


def figure_states(entries: Sequence[Entry]) -> dict[tuple[str, str], Entry]:
    """The entry that decides on each figure, by its two keys."""
    return {(entry.a_key, entry.b_key): entry for entry in figure_decisions(entries)}


def figure_entry(figure: Row, verdict: str, reviewer: str, note: str) -> Entry:
    """The decision of a reviewer on a figure."""
    title = f"{figure['surface']}: {shortened(figure['quote'])}"
    return Entry(verdict, reviewer, figure["figure_key"], figure["reading_key"], title, _name(figure), note)


def _name(figure: Row) -> str:
    """The claim of a figure with what limits it."""
    limits = [*figure["scope"], *([str(figure["year"])] if figure["year"] is not None else [])]
    return str(figure["claim"]) + (f" ({', '.join(limits)})" if limits else "")


def _identity(row: Row) -> tuple[object, ...]:
    return (tuple(row["scope"]), *(row[name] for name in ("claim", "year", "kind", "unit", "period", "role")))
