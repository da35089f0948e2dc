"""Reads and appends decisions.jsonl: what people decided about duplicates and figures, one JSON object per line.

    id         names the line, so that two people's files can be merged by joining their lines in any order
    time       UTC; of two decisions on the same pair the later one counts
    reviewer   a name
    verdict    same, different, keep (the same, in the wording of a), move (a to the row of b), flag, skip or undo;
               of a figure whose claim has figures that disagree: comparable, not_comparable or misread
    a_key      the content that the decision is about, and
    b_key      the other one: names made from the texts alone (`text.keys.content_key`); of a figure, its place in its
               sentence and what was read there (`sql/ledger/figure_keys.sql`)
    a, b       the beginning of the two questions, or a figure with its sentence and its claim, for people who read the
               file
    note       a reviewer's remark
    away_from  of a move: the contents that `a` is no longer one with
    undoes     of an undo: the id of the line that is undone
    act        lines of one action share it, so that they are undone together

Lines are never changed or removed. Only verdict, reviewer, a_key and b_key are required; unknown fields are ignored.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import PipelineError
from pipeline.storage.fsync import sync
from pipeline.text.characters import without_surrogates

FIGURE_VERDICTS = ("comparable", "not_comparable", "misread")
VERDICTS = ("same", "different", "keep", "move", "flag", "skip", "undo", *FIGURE_VERDICTS)
RULE = "rule"  # `duplicates.decided_by` where nobody decided; no reviewer's name
_TAIL = 1 << 16  # bytes; more than any line this module writes


class DecisionsUnreadable(PipelineError):
    """A line of the decisions file is not a decision; nothing was published, so that no decision is lost."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}, line {line}: {why}. Correct or remove that line, then run again.")


class DecisionsUnwritable(PipelineError):
    """A decision could not be written to disk; the file is as it was before."""

    def __init__(self, path: Path, cause: OSError) -> None:
        self.path, self.cause = path, cause
        super().__init__(
            f"{path}: the decision was not saved ({cause.strerror or cause}). Free some space, correct the "
            "permissions of the folder, or name another file with --decisions; then decide again."
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's decision on two contents, named by `content_key`; it holds wherever these contents occur again.

    keep: they are the same, and the wording of `a_key` represents both.
    """

    a_key: str
    b_key: str
    verdict: Literal["same", "different", "keep"]
    reviewer: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two keys, the smaller one first."""
        return (self.a_key, self.b_key) if self.a_key <= self.b_key else (self.b_key, self.a_key)

    @property
    def is_same(self) -> bool:
        return self.verdict != "different"


Verdicts = dict[tuple[str, str], Decision]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the decisions file; the module's docstring says what its fields mean."""

    verdict: str
    reviewer: str
    a_key: str = ""
    b_key: str = ""
    a: str = ""
    b: str = ""
    note: str = ""
    away_from: tuple[str, ...] = ()
    undoes: str = ""
    act: str = ""
    id: str = ""
    time: str = ""

    def decisions(self) -> Iterator[Decision]:
        """The decisions on pairs of contents that the line contains."""
        match self.verdict:
            case "same" | "different" | "keep" as verdict:
                yield Decision(self.a_key, self.b_key, verdict, self.reviewer)
            case "move":
                for key in self.away_from:
                    yield Decision(self.a_key, key, "different", self.reviewer)
                yield Decision(self.a_key, self.b_key, "same", self.reviewer)


_TEXT_FIELDS = [name for name in Entry.__slots__ if name != "away_from"]

# ---------------------------------------------------------------- reading


def read_entries(path: Path, known: dict[bytes, Entry] | None = None) -> list[Entry]:
    """Every line of the file once, by time and id, whatever their order in the file; none when there is no such file.

    known: the entries of lines that were read before, by line; new ones are added. Raises `DecisionsUnreadable`.
    """
    known = {} if known is None else known
    try:
        if path.exists() and not path.is_file():
            raise DecisionsUnreadable(path, 1, "it is not a regular file")
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as err:
        raise DecisionsUnreadable(path, 1, err.strerror or str(err)) from err
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines, 1):
        if line and (entry := known.get(line)) is not None:
            entries[entry.id] = entry
        elif line.strip():
            entry, has_id = _entry(path, number, line)
            entries[entry.id] = entry
            if has_id:
                known[line] = entry
    return sorted(entries.values(), key=lambda entry: (entry.time, entry.id))


def in_force(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that are not undone, in their order, without the undoing ones."""
    undone = {entry.undoes for entry in entries if entry.verdict == "undo"}
    return [entry for entry in entries if entry.verdict != "undo" and entry.id not in undone]


def decisions_in_force(entries: Sequence[Entry]) -> list[Decision]:
    """The decisions on pairs of contents of the entries in force, the earliest first.

    A move is one `same`, and a `different` for each content in `away_from`; flags and skips decide nothing.
    """
    return [decision for entry in in_force(entries) for decision in entry.decisions()]


def latest_by_pair(decisions: Iterable[Decision]) -> Verdicts:
    """The last decision on each pair of content keys, in the order of these last decisions."""
    verdicts: Verdicts = {}
    for decision in decisions:
        if decision.a_key != decision.b_key:
            verdicts.pop(decision.pair, None)
            verdicts[decision.pair] = decision
    return verdicts


def figure_decisions(entries: Sequence[Entry]) -> list[Entry]:
    """The last entry in force on each figure, by figure; flags and skips decide nothing."""
    last = {(entry.a_key, entry.b_key): entry for entry in in_force(entries) if entry.verdict in FIGURE_VERDICTS}
    return [last[keys] for keys in sorted(last)]


def decisions_digest(entries: Sequence[Entry]) -> str:
    """A digest of the decisions in force in their order, by which a run notices that they have changed."""
    of_figures = [(one.a_key, one.b_key, one.verdict, one.reviewer, one.note) for one in figure_decisions(entries)]
    text = repr(decisions_in_force(entries)) + (repr(of_figures) if of_figures else "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(path: Path, number: int, line: bytes) -> tuple[Entry, bool]:
    """The entry of a line, and whether the line gives it an id."""
    try:
        row = json.loads(line)
        entry = _checked(row)
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        raise DecisionsUnreadable(path, number, f"not a decision ({type(err).__name__}: {err})") from err
    if entry.id:
        return entry, True
    # Lines written before lines had ids come first, in the order of the file.
    return replace(entry, id=f"{number:012}-{hashlib.sha256(line.strip()).hexdigest()[:12]}"), False


def _checked(row: Mapping[str, Any]) -> Entry:
    verdict = row["verdict"]
    if verdict not in VERDICTS:
        raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, not {verdict!r}")
    needed = ["reviewer", *({"undo": ["undoes"]}.get(verdict) or ["a_key", "b_key"])]
    given = {name: row[name] for name in _TEXT_FIELDS if name in needed or name in row}
    for name, value in given.items():
        if not isinstance(value, str) or (name in needed and not value):
            raise ValueError(f"{name} must be a text, not {value!r}")
    away_from = row.get("away_from", [])
    if not isinstance(away_from, list) or not all(isinstance(key, str) for key in away_from):
        raise ValueError("away_from must be a list of texts")
    if given["reviewer"] == RULE:
        raise ValueError(f"a reviewer cannot be called {RULE!r}: that name marks what a rule decided")
    texts = {name: without_surrogates(value)[0] for name, value in given.items()}
    return Entry(**texts, away_from=tuple(without_surrogates(key)[0] for key in away_from))


# ---------------------------------------------------------------- writing


def append(path: Path, entries: Sequence[Entry]) -> list[Entry]:
    """Append entries to the file, all or none; returns them as written, with id, time and act.

    They are on disk when this returns. Any number of processes may write at once. Raises `DecisionsUnwritable`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as file:
            tail = _tail(file)
            written = _stamped(entries, tail)
            lines = b"".join(_line(entry) for entry in written)
            _write(file, lines if not tail or tail.endswith(b"\n") else b"\n" + lines)
            sync(path.parent)
    except OSError as err:
        raise DecisionsUnwritable(path, err) from err
    return written


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The open file, locked by this process; it is opened again if git has replaced it in the meantime."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(path, file):
                yield file
                return
        finally:
            os.close(file)


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _tail(file: int) -> bytes:
    size = os.fstat(file).st_size
    return os.pread(file, _TAIL, max(0, size - _TAIL))


def _stamped(entries: Sequence[Entry], tail: bytes) -> list[Entry]:
    """The entries with id and time; later than the last line of the file, also when the clock was set back."""
    now = max(datetime.now(UTC), _last_time(tail) + timedelta(microseconds=1))
    ids = [secrets.token_hex(8) for _ in entries]
    act = ids[0] if len(ids) > 1 else ""
    return [
        replace(
            entry,
            id=name,
            time=(now + timedelta(microseconds=position)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            act=entry.act or act,
        )
        for position, (entry, name) in enumerate(zip(entries, ids, strict=True))
    ]


def _last_time(tail: bytes) -> datetime:
    try:
        last = datetime.fromisoformat(json.loads(tail.strip().rpartition(b"\n")[2])["time"])
    except (ValueError, KeyError, TypeError):
        return datetime.min.replace(tzinfo=UTC)
    return min(last.replace(tzinfo=last.tzinfo or UTC), datetime.now(UTC) + timedelta(days=1))


def _line(entry: Entry) -> bytes:
    first = {"id": entry.id, "time": entry.time}
    row = {name: value for name, value in asdict(entry).items() if value}
    return json.dumps({**first, **row}, ensure_ascii=True).encode() + b"\n"


def _write(file: int, lines: bytes) -> None:
    """Write and sync; if that fails, leave the file as it was."""
    size = os.fstat(file).st_size
    try:
        left = memoryview(lines)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
