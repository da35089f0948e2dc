"""Reads and extends decisions.jsonl: what is decided, by whom, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.duplicates.contradictions import Contradiction, find_contradictions
from pipeline.duplicates.decisions import (
    FIGURE_VERDICTS,
    Decision,
    Entry,
    append,
    decisions_in_force,
    in_force,
    latest_by_pair,
    read_entries,
)
from pipeline.duplicates.union_find import Clusters, apply_verdicts


@dataclass(frozen=True)
class DecisionState:
    """The content of a decisions file at one time.

    verdicts: a_key, b_key, state, reviewer, note, entry; one row per pair that an entry names.
    same_groups: key, number, for each key of verdicts; contents with one number are the same by these decisions.
    separations: one, other; numbers of groups that must stay separate, in both directions.
    """

    entries: list[Entry]
    decisions: list[Decision]
    contradictions: list[Contradiction]
    verdicts: pd.DataFrame
    same_groups: pd.DataFrame
    separations: pd.DataFrame


class DecisionLog:
    """The decisions file, read again whenever it has changed; other people may write to it at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: object = ()
        self._known: dict[bytes, Entry] = {}  # lines are only ever added, and people decide one by one
        self._state = decision_state([])

    def read(self) -> DecisionState:
        """The current content of the file; the same object while it has not changed. Raises `DecisionsUnreadable`."""
        stamp = self._current_stamp()
        if stamp != self._stamp:
            self._state, self._stamp = decision_state(read_entries(self.path, self._known)), stamp
        return self._state

    def _current_stamp(self) -> object:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def add(self, entries: Sequence[Entry]) -> list[Entry]:
        """Append entries to the file; the entries as written. Raises `DecisionsUnwritable`."""
        return append(self.path, entries)

    def last_act(self, reviewer: str) -> list[Entry]:
        """The entries of this reviewer's last action that is not undone; empty when there is none."""
        own = [entry for entry in in_force(self.read().entries) if entry.reviewer == reviewer]
        if not own:
            return []
        return [entry for entry in own if entry.id == own[-1].id or (entry.act and entry.act == own[-1].act)]

    def recent_acts(self, limit: int) -> list[list[Entry]]:
        """The entries of the last actions of all reviewers that are not undone, the newest action first."""
        acts: dict[str, list[Entry]] = {}
        for entry in reversed(in_force(self.read().entries)):
            name = entry.act or entry.id
            if name not in acts and len(acts) == limit:
                break
            acts.setdefault(name, []).insert(0, entry)
        return list(acts.values())

    def undo(self, reviewer: str, entry_id: str = "") -> list[Entry]:
        """Undo the action with this entry, else this reviewer's last one; the entries that were undone.

        Empty when there is none in force. Raises `DecisionsUnwritable`.
        """
        act = self._act_of(entry_id) if entry_id else self.last_act(reviewer)
        if act:
            self.add([Entry(verdict="undo", reviewer=reviewer, undoes=entry.id) for entry in act])
        return act

    def _act_of(self, entry_id: str) -> list[Entry]:
        entries = in_force(self.read().entries)
        act = next((entry.act for entry in entries if entry.id == entry_id), None)
        return [entry for entry in entries if entry.id == entry_id or (act and entry.act == act)]


def decision_state(entries: list[Entry]) -> DecisionState:
    """What these entries say, and what follows from them."""
    decisions = decisions_in_force(entries)
    verdicts = latest_by_pair(decisions)
    said = _verdicts(entries)
    number = {key: index for index, key in enumerate(sorted({*said["a_key"], *said["b_key"]}))}
    groups = Clusters(len(number))
    apply_verdicts(groups, number, verdicts)
    ends = [(groups.root(number[a]), groups.root(number[b])) for (a, b), one in verdicts.items() if not one.is_same]
    return DecisionState(
        entries=entries,
        decisions=decisions,
        contradictions=find_contradictions(entries),
        verdicts=said,
        same_groups=pd.DataFrame(
            {"key": pd.Series(list(number), dtype="str"), "number": [groups.root(n) for n in number.values()]}
        ).astype({"number": "int64"}),
        separations=pd.DataFrame(
            sorted({*ends, *(end[::-1] for end in ends)}), columns=["one", "other"], dtype="int64"
        ).drop_duplicates(),
    )


_FIELDS = ["a_key", "b_key", "state", "reviewer", "note", "entry"]


def _verdicts(entries: list[Entry]) -> pd.DataFrame:
    """The last verdict on each pair. A decision outranks a flag, a flag a skip; the note of a flag remains."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for entry in in_force(entries):
        pairs: list[tuple[tuple[str, str], str]] = [(one.pair, one.verdict) for one in entry.decisions()]
        pairs = pairs or [(_pair(entry), entry.verdict)]
        for pair, verdict in pairs:
            row = found.setdefault(pair, {"state": "", "reviewer": "", "note": "", "entry": ""})
            row["note"] = entry.note or row["note"]
            if _RANK[verdict] >= _RANK[row["state"]]:
                row |= {"state": verdict, "reviewer": entry.reviewer, "entry": entry.id}
    rows = [(*pair, *row.values()) for pair, row in found.items()]
    return pd.DataFrame(rows, columns=_FIELDS, dtype="str")


_RANK = {"": 0, "skip": 1, "flag": 2, "same": 3, "different": 3, "keep": 3} | dict.fromkeys(FIGURE_VERDICTS, 3)


def _pair(entry: Entry) -> tuple[str, str]:
    return (min(entry.a_key, entry.b_key), max(entry.a_key, entry.b_key))
