"""Computes what the next run would do with the decisions, by the code of a run over the published texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.audit.review_queue import ReviewQueue
from pipeline.duplicates.decisions import Decision, latest_by_pair
from pipeline.duplicates.stage import Relations, relate, relate_published

_OCCURRENCES = """
    select occurrence_id, document_id, question_key, o.question, o.answer, answer_key, o.is_answered, o.is_truncated,
        qa_id, question_id, occurrence_id = canonical_occurrence_id as is_representative
    from occurrences o join qa using (qa_id)
"""
_LEFTOVERS = "select leftover_id, role, \"text\", qa_id from leftovers where role = 'orphan_answer'"
_LINKED = "select key from passages where list_contains($linked, key)"
_ROWS = f"qa_id in (select qa_id from passages where key in ({_LINKED}))"
_QUESTION_KEYS = f"select question_key from occurrences where {_ROWS}"
_SAME_QUESTION = f"qa_id in (select qa_id from occurrences where question_key in ({_QUESTION_KEYS}))"


@dataclass(frozen=True)
class Change:
    """A change of rows of qa, as questions.

    kind: merged, split, wording, orphan (an answer without a question); asked_apart or asked_alike: rows that stay, but
    whose questions count as different ones or as one (`question_id`) from the next run on.
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def preview(queue: ReviewQueue, decisions: Sequence[Decision], keys: Sequence[str] | None = None) -> list[Change]:
    """The changes of `qa` if a run applied these decisions to the published texts.

    keys: only the rows of qa with these contents, and all rows linked to them by decisions or by an equal question; by
    default every row. Sources that changed since the last run are not read.
    """
    if keys is None:
        occurrences, leftovers = queue.ledger.sql(_OCCURRENCES), queue.ledger.sql(_LEFTOVERS)
    else:
        linked = sorted(_linked(decisions, keys))
        own = f"leftover_id in (select id from passages where key in ({_LINKED}))"
        occurrences = queue.ledger.sql(f"{_OCCURRENCES} where {_SAME_QUESTION}", linked=linked)
        leftovers = queue.ledger.sql(f"{_LEFTOVERS} and ({_SAME_QUESTION} or {own})", linked=linked)
    if occurrences.empty:
        return []
    if keys is None:
        related = relate_published(queue.ledger.database, decisions)
    else:
        related = relate(occurrences, leftovers, decisions)
    rows = occurrences.merge(related.members, on="occurrence_id")
    asked = rows.merge(related.questions, on="canonical_occurrence_id", suffixes=("", "_new"))
    if keys is not None:  # what questions ask is known from all questions, so only decisions can be followed here
        asked = asked[asked["qa_id"].isin(_rows_decided_apart(queue, decisions, linked))]
    question_changes = _question_changes(asked, both_ways=keys is None)
    return [*_row_changes(rows), *_orphan_changes(rows, leftovers, related), *question_changes]


def _rows_decided_apart(queue: ReviewQueue, decisions: Sequence[Decision], keys: Sequence[str]) -> set[str]:
    """The rows of qa with one of these keys for which somebody decided that a row with the same question_id differs."""
    verdicts = latest_by_pair(decisions)
    apart = pd.DataFrame([pair for pair, one in verdicts.items() if not one.is_same and {*pair} <= {*keys}])
    if apart.empty:
        return set()
    rows = queue.rows("select distinct key, qa_id, question_id from passages join qa using (qa_id)")
    found = pd.DataFrame(rows)
    pairs = apart.merge(found, left_on=0, right_on="key").merge(
        found, left_on=[1, "question_id"], right_on=["key", "question_id"]
    )
    return {*pairs["qa_id_x"], *pairs["qa_id_y"]}


def _linked(decisions: Sequence[Decision], keys: Sequence[str]) -> set[str]:
    """The keys, and all keys that decisions link to them, directly or through others."""
    neighbours: dict[str, set[str]] = {}
    for decision in decisions:
        neighbours.setdefault(decision.a_key, set()).add(decision.b_key)
        neighbours.setdefault(decision.b_key, set()).add(decision.a_key)
    found, waiting = set(keys), list(keys)
    while waiting:
        new = neighbours.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _row_changes(rows: pd.DataFrame) -> Iterable[Change]:
    """Rows that are merged or split, or get another wording. rows: every occurrence with its old and its new row."""
    question = rows.set_index("occurrence_id")["question"]
    old_representative = rows[rows["is_representative"]].set_index("qa_id")["occurrence_id"]
    links = rows[["qa_id", "canonical_occurrence_id"]].drop_duplicates()
    is_merged, is_split = (links[name].duplicated(keep=False) for name in ("canonical_occurrence_id", "qa_id"))
    for canonical, part in links[is_merged].groupby("canonical_occurrence_id"):
        before = [old_representative[old] for old in part["qa_id"]]
        yield Change("merged", tuple(question[one] for one in before), (question[canonical],))
    for old, part in links[is_split].groupby("qa_id"):
        after = [question[one] for one in part["canonical_occurrence_id"]]
        yield Change("split", (question[old_representative[old]],), tuple(after))
    for old, canonical in links[~is_merged & ~is_split].itertuples(index=False):
        if old_representative[old] != canonical:
            yield Change("wording", (question[old_representative[old]],), (question[canonical],))


def _question_changes(rows: pd.DataFrame, both_ways: bool) -> Iterable[Change]:
    """Questions that get another question_id. rows: occurrences with their old and their new one (question_id_new).

    both_ways: also those that count as one question; without, only those that count as different ones.
    """
    ways = [("asked_apart", "question_id", "question_id_new"), ("asked_alike", "question_id_new", "question_id")]
    shortest = rows.sort_values("question", key=lambda column: column.str.len(), kind="stable")
    pairs = shortest.drop_duplicates(["question_id", "question_id_new"])
    is_moved = pairs["question_id"] != pairs["question_id_new"]
    for kind, one, several in ways[: 2 if both_ways else 1]:
        for name, part in pairs[pairs[one].isin(pairs.loc[is_moved, one])].groupby(one, sort=False):
            if len(part) > 1 and part[several].nunique() > 1:
                found, title = tuple(part["question"]), (shortest.loc[shortest[one] == name, "question"].iloc[0],)
                yield Change(kind, *((title, found) if kind == "asked_apart" else (found, title)))


def _orphan_changes(rows: pd.DataFrame, leftovers: pd.DataFrame, related: Relations) -> Iterable[Change]:
    """Answers without a question that move to another row."""
    old_row = rows.set_index("occurrence_id")["qa_id"]
    question = rows.set_index("occurrence_id")["question"]
    question_of = rows[rows["is_representative"]].set_index("qa_id")["question"]
    joined = related.orphans.set_index("leftover_id")["canonical_occurrence_id"]
    for leftover, old_qa_id in leftovers[["leftover_id", "qa_id"]].itertuples(index=False):
        new = joined.get(leftover)
        old = None if pd.isna(old_qa_id) else old_qa_id
        if old != (None if new is None else old_row[new]):
            after = () if new is None else (question[new],)
            yield Change("orphan", () if old is None else (question_of.get(old, old),), after)
