"""decisions.jsonl as it stands now: what is decided, by whom, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.duplicates.contradictions import Contradiction, find_contradictions
from pipeline.duplicates.decisions import Entry, append, decisions_of, in_force, read_entries
from pipeline.duplicates.union_find import Clusters, Decision, apply_verdicts, latest


@dataclass(frozen=True)
class Standing:
    """What a file of decisions says at one time.

    said: a_key, b_key, state, reviewer, note, entry: one row for each pair somebody said something about.
    label: key, number: contents with one number are one. apart: one, other: numbers that must stay apart, both ways.
    """

    entries: list[Entry]
    decisions: list[Decision]
    contradictions: list[Contradiction]
    said: pd.DataFrame
    label: pd.DataFrame
    apart: pd.DataFrame


class Book:
    """The decisions file, read again whenever it has changed; other people may write to it at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: object = ()
        self._standing = standing([])

    def read(self) -> Standing:
        """What the file says now; the same object while it has not changed. Raises `DecisionsUnreadable`."""
        stamp = self._look()
        if stamp != self._stamp:
            self._standing, self._stamp = standing(read_entries(self.path)), stamp
        return self._standing

    def _look(self) -> object:
        try:
            seen = self.path.stat()
        except FileNotFoundError:
            return None
        return seen.st_ino, seen.st_size, seen.st_mtime_ns

    def add(self, entries: Sequence[Entry]) -> list[Entry]:
        """Put entries in the file; as written. Raises `DecisionsUnwritable`."""
        return append(self.path, entries)

    def last_act(self, reviewer: str) -> list[Entry]:
        """The lines of what this reviewer did last and has not taken back; none when there is nothing."""
        own = [entry for entry in in_force(self.read().entries) if entry.reviewer == reviewer]
        if not own:
            return []
        return [entry for entry in own if entry.id == own[-1].id or (entry.act and entry.act == own[-1].act)]

    def undo(self, reviewer: str) -> list[Entry]:
        """Take back what this reviewer did last; the lines taken back. Raises `DecisionsUnwritable`."""
        act = self.last_act(reviewer)
        if act:
            self.add([Entry(verdict="undo", reviewer=reviewer, undoes=entry.id) for entry in act])
        return act


def standing(entries: list[Entry]) -> Standing:
    """What these entries say, and what follows from them."""
    decisions = decisions_of(entries)
    verdicts = latest(decisions)
    number = {key: place for place, key in enumerate(sorted({key for pair in verdicts for key in pair}))}
    groups = Clusters(len(number))
    apply_verdicts(groups, number, verdicts)
    ends = [(groups.root(number[a]), groups.root(number[b])) for (a, b), one in verdicts.items() if not one.is_same]
    return Standing(
        entries=entries,
        decisions=decisions,
        contradictions=find_contradictions(entries),
        said=_said(entries),
        label=pd.DataFrame(
            {"key": pd.Series(list(number), dtype="str"), "number": [groups.root(n) for n in number.values()]}
        ).astype({"number": "int64"}),
        apart=pd.DataFrame(
            sorted({*ends, *(end[::-1] for end in ends)}), columns=["one", "other"], dtype="int64"
        ).drop_duplicates(),
    )


_FIELDS = ["a_key", "b_key", "state", "reviewer", "note", "entry"]


def _said(entries: list[Entry]) -> pd.DataFrame:
    """The last word on each pair; a decision before a flag before a skip, and a flag's note stays with a decision."""
    words: dict[tuple[str, str], dict[str, str]] = {}
    for entry in in_force(entries):
        pairs: list[tuple[tuple[str, str], str]] = [(one.pair, one.verdict) for one in entry.decisions()]
        pairs = pairs or [(_pair(entry), entry.verdict)]
        for pair, verdict in pairs:
            row = words.setdefault(pair, {"state": "", "reviewer": "", "note": "", "entry": ""})
            row["note"] = entry.note or row["note"]
            if _RANK[verdict] >= _RANK[row["state"]]:
                row |= {"state": verdict, "reviewer": entry.reviewer, "entry": entry.id}
    rows = [(*pair, *row.values()) for pair, row in words.items()]
    return pd.DataFrame(rows, columns=_FIELDS, dtype="str")


_RANK = {"": 0, "skip": 1, "flag": 2, "same": 3, "different": 3, "keep": 3}


def _pair(entry: Entry) -> tuple[str, str]:
    return (min(entry.a_key, entry.b_key), max(entry.a_key, entry.b_key))
