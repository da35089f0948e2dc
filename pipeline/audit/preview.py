"""What the next run would make of the decisions, worked out by the very code of a run over the published texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.audit.review_queue import Desk
from pipeline.duplicates.stage import Relations, relate
from pipeline.duplicates.union_find import Decision

_OCCURRENCES = """
    select occurrence_id, document_id, question_key, o.question, o.answer, answer_key, o.is_answered, o.is_truncated,
        qa_id, occurrence_id = canonical_occurrence_id as is_wording
    from occurrences o join qa using (qa_id)
"""
_LEFTOVERS = "select leftover_id, role, \"text\", qa_id from leftovers where role = 'orphan_answer'"
_TIED = "select key from places where list_contains($tied, key)"
_ROWS = f"qa_id in (select qa_id from places where key in ({_TIED}))"
_QUESTIONS = f"select question_key from occurrences where {_ROWS}"
_ASKED = f"qa_id in (select qa_id from occurrences where question_key in ({_QUESTIONS}))"


@dataclass(frozen=True)
class Change:
    """What becomes of rows of qa, by their questions. kind: joined, parted, wording, or orphan (a text without one)."""

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def preview(desk: Desk, decisions: Sequence[Decision], keys: Sequence[str] | None = None) -> list[Change]:
    """What would change in `qa`, were it made again with these decisions.

    keys: look only at the rows of qa these contents stand in, and at all that decisions or an equal question tie to
    them; by default at every row. What has changed in the sources since the last run is not looked at.
    """
    if keys is None:
        occurrences, leftovers = desk.ledger.sql(_OCCURRENCES), desk.ledger.sql(_LEFTOVERS)
    else:
        tied = sorted(_tied(decisions, keys))
        orphans = f"{_LEFTOVERS} and ({_ASKED} or leftover_id in (select id from places where key in ({_TIED})))"
        occurrences = desk.ledger.sql(f"{_OCCURRENCES} where {_ASKED}", tied=tied)
        leftovers = desk.ledger.sql(orphans, tied=tied)
    if occurrences.empty:
        return []
    related = relate(occurrences, leftovers, decisions)
    rows = occurrences.merge(related.members, on="occurrence_id")
    return [*_row_changes(rows), *_orphan_changes(rows, leftovers, related)]


def _tied(decisions: Sequence[Decision], keys: Sequence[str]) -> set[str]:
    """The keys, and those that decisions tie to them, however far."""
    near: dict[str, set[str]] = {}
    for decision in decisions:
        near.setdefault(decision.a_key, set()).add(decision.b_key)
        near.setdefault(decision.b_key, set()).add(decision.a_key)
    found, waiting = set(keys), list(keys)
    while waiting:
        new = near.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _row_changes(rows: pd.DataFrame) -> Iterable[Change]:
    """Rows that join, part, or stand in another wording. rows: each occurrence with its old row and its new."""
    question = rows.set_index("occurrence_id")["question"]
    old_wording = rows[rows["is_wording"]].set_index("qa_id")["occurrence_id"]
    links = rows[["qa_id", "canonical_occurrence_id"]].drop_duplicates()
    for canonical, part in links.groupby("canonical_occurrence_id"):
        before = [old_wording[old] for old in part["qa_id"]]
        if len(before) > 1:
            yield Change("joined", tuple(question[one] for one in before), (question[canonical],))
    for old, part in links.groupby("qa_id"):
        after = part["canonical_occurrence_id"].tolist()
        if len(after) > 1:
            yield Change("parted", (question[old_wording[old]],), tuple(question[one] for one in after))
    alone = ~links["qa_id"].duplicated(keep=False) & ~links["canonical_occurrence_id"].duplicated(keep=False)
    for old, canonical in links[alone].itertuples(index=False):
        if old_wording[old] != canonical:
            yield Change("wording", (question[old_wording[old]],), (question[canonical],))


def _orphan_changes(rows: pd.DataFrame, leftovers: pd.DataFrame, related: Relations) -> Iterable[Change]:
    """Texts without a question that come to another row."""
    old_row = rows.set_index("occurrence_id")["qa_id"]
    question = rows.set_index("occurrence_id")["question"]
    named = rows[rows["is_wording"]].set_index("qa_id")["question"]
    joined = related.orphans.set_index("leftover_id")["canonical_occurrence_id"]
    for leftover, old in leftovers[["leftover_id", "qa_id"]].itertuples(index=False):
        new = joined.get(leftover)
        was = None if pd.isna(old) else old
        if was != (None if new is None else old_row[new]):
            after = () if new is None else (question[new],)
            yield Change("orphan", () if was is None else (named.get(was, was),), after)
