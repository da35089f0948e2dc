"""Many files -> tables: what changed is read, what did not stays as it is, and every file is accounted for.

Files are read in batches, by several processes when there is enough to read, and each batch is laid into the tables
as it comes; no more than a few batches are in memory at once.
"""

from __future__ import annotations

import os
import re
import signal
import warnings as warnings_of_python
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing import active_children, parent_process
from multiprocessing.connection import wait
from threading import Thread
from time import perf_counter
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from pipeline import store
from pipeline.account import Stage
from pipeline.intake import Intake, take_in
from pipeline.lock import let_go
from pipeline.options import ReadOptions
from pipeline.read import Reject, Scan, SourceFile, file_of
from pipeline.schema import TABLES, columns, empty, records, sift
from pipeline.sitewide import files_with, furniture_of

# A process of its own costs about .5 s of imports, as much as one core needs for this many bytes of text.
_WORTH_A_POOL = 2_000_000
# Bytes and files of a batch: 4 MB of text take about 60 MB as rows, and a batch of 256 small files half a second.
_BATCH_BYTES, _BATCH_FILES = 4_000_000, 256
_AHEAD = 2  # batches under way for each worker
_PARSED = ("documents", "occurrences", "leftovers", "statistics")
MADE = (*_PARSED, "rejects", "files", "line_keys")  # the tables that come of looking at each document alone

# Columns that later stages fill, with a stand-in of the right type.
_TO_COME: dict[str, dict[str, Any]] = {
    "documents": {"first_seen_at": pd.Timestamp(0, tz="UTC"), "last_changed_at": pd.Timestamp(0, tz="UTC")},
    "occurrences": {"qa_id": ""},
    "leftovers": {"qa_id": None},
    "statistics": {"qa_id": ""},
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What several files gave: rows by table, all of which fit it; seconds of work by stage; rows that did not fit."""

    rows: dict[str, pa.Table]
    seconds: dict[str, float]
    dropped: int


@dataclass
class Gathered:
    """Seconds of work by stage (of all processes together), the files read, and rows left out by the schema."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    files_read: int = 0
    dropped: int = 0

    def add(self, batch: Batch) -> None:
        """Count a batch in."""
        self.dropped += batch.dropped
        for stage, seconds in batch.seconds.items():
            self.seconds[stage] += seconds


# Reads files, lays their rows into the tables (`MADE`) and counts them in; the keys are of lines that are furniture.
Read = Callable[[duckdb.DuckDBPyConnection, Sequence[SourceFile], frozenset[str], Gathered], None]


def gather(
    db: duckdb.DuckDBPyConnection, found: Scan, changed: Sequence[SourceFile], now: datetime, read: Read
) -> Gathered:
    """Bring the tables that come of looking at each document alone (`MADE`) up to what was found.

    Their columns qa_id are still to come. Files that are not among `changed` keep their rows, but for those that a
    line repeated over many documents reads differently now.
    """
    gathered = Gathered()
    known = furniture_of(db)
    fresh = {file.uri for file in changed}
    _forget(db, {file.uri for file in found.files} - fresh)
    read(db, changed, frozenset(), gathered)
    furniture = furniture_of(db)
    misread = (files_with(db, furniture) & fresh) | (files_with(db, furniture ^ known) - fresh)
    again = [file for file in found.files if file.uri in misread]
    if again:
        _forget(db, {file.uri for file in found.files} - misread)
        read(db, again, furniture, gathered)
    gathered.files_read = len(fresh | misread)
    store.write(db, "rejects", _rejects(found.rejects))
    store.run(db, "document_times", now=now)
    return gathered


def read_here(workers: int, progress: bool, options: ReadOptions | None = None) -> Read:
    """Reads files on this machine, by several processes when there is enough to read."""

    def read(
        db: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], furniture: frozenset[str], gathered: Gathered
    ) -> None:
        kernel = partial(take_in_all, options=options, furniture=furniture)
        for batch in _batches(kernel, files, workers, progress):
            _lay(db, batch, gathered)

    return read


def _forget(db: duckdb.DuckDBPyConnection, kept: set[str]) -> None:
    """Forget all that came of other files than these (`sql/forget.sql`)."""
    db.register("kept", pd.DataFrame({"uri": pd.Series(sorted(kept), dtype="str")}))
    store.run(db, "forget")
    db.unregister("kept")


def _lay(db: duckdb.DuckDBPyConnection, batch: Batch, gathered: Gathered) -> None:
    """Add a batch to the tables and to the sums."""
    started = perf_counter()
    for name, rows in batch.rows.items():
        if rows.num_rows:
            store.insert(db, name, rows)
    gathered.seconds["store"] += perf_counter() - started
    gathered.add(batch)


# ---------------------------------------------------------------- reading in batches


def _batches(
    kernel: Callable[[Sequence[SourceFile]], Batch], files: Sequence[SourceFile], workers: int, progress: bool
) -> Iterator[Batch]:
    """The kernel's result for each batch of files, in order; by several processes when there is enough to read."""
    total = sum(file.bytes for file in files)
    bar = tqdm(total=total, unit="B", unit_scale=True, desc="reading", disable=None if progress else True)
    with bar:
        if workers == 1 or total < _WORTH_A_POOL:
            for part in _parts(files, _BATCH_BYTES):
                yield kernel(part)
                bar.update(sum(file.bytes for file in part))
            return
        others = {*active_children()}
        parts = _parts(files, min(_BATCH_BYTES, total // (4 * workers)))
        with ProcessPoolExecutor(workers, initializer=_become_worker) as pool:
            try:
                for part, batch in _mapped(pool, kernel, parts, _AHEAD * workers):
                    yield batch
                    bar.update(sum(file.bytes for file in part))
            except BaseException:  # interrupted, or a kernel failed: nobody waits for what the workers are at
                pool.shutdown(wait=False, cancel_futures=True)
                for worker in {*active_children()} - others:
                    worker.terminate()
                raise


def _parts(files: Sequence[SourceFile], size: int) -> Iterator[list[SourceFile]]:
    """The files in order, in parts of about so many bytes and no more than 256 files."""
    part: list[SourceFile] = []
    held = 0
    for file in files:
        part.append(file)
        held += file.bytes
        if held >= size or len(part) == _BATCH_FILES:
            yield part
            part, held = [], 0
    if part:
        yield part


def _mapped(
    pool: ProcessPoolExecutor,
    kernel: Callable[[Sequence[SourceFile]], Batch],
    parts: Iterable[list[SourceFile]],
    ahead: int,
) -> Iterator[tuple[list[SourceFile], Batch]]:
    """As `map`, with no more than so many parts under way, so that results do not pile up.

    The workers only read and parse, and share no lock with DuckDB's threads of this process.
    """
    under_way: deque[tuple[list[SourceFile], Future[Batch]]] = deque()
    with warnings_of_python.catch_warnings():
        warnings_of_python.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        for part in parts:
            under_way.append((part, pool.submit(kernel, part)))
            if len(under_way) >= ahead:
                done, future = under_way.popleft()
                yield done, future.result()
        for done, future in under_way:
            yield done, future.result()


def _become_worker() -> None:
    """A worker leaves signals and the lock to the process that started it, and ends when that one is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    let_go()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's workers wait for work for ever, also when the process that would bring it was killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def take_in_all(
    files: Sequence[SourceFile], options: ReadOptions | None = None, furniture: frozenset[str] = frozenset()
) -> Batch:
    """All that is in these files, as rows that fit their tables; a row that does not is a reject."""
    fresh = {file: take_in(file, options, furniture) for file in files}
    frames = _frames(list(fresh.values()))
    misfits = _drop_misfits(frames)
    odd = _drop_odd_figures(frames)
    found = [reject for intake in fresh.values() for reject in intake.rejects]
    frames["rejects"] = _rejects([*found, *misfits, *odd])
    frames["files"] = _files(fresh)
    frames["line_keys"] = _line_keys(fresh)
    seconds = {stage: sum(intake.seconds[stage] for intake in fresh.values()) for stage in Intake().seconds}
    rows = {name: store.to_arrow(TABLES[name], frame) for name, frame in frames.items()}
    return Batch(rows, seconds, len(odd))


def _frames(intakes: Sequence[Intake]) -> dict[str, pd.DataFrame]:
    frames = {}
    for name in _PARSED:
        rows = [row for intake in intakes for row in getattr(intake, name)]
        frames[name] = pd.DataFrame(rows).assign(**_TO_COME[name]) if rows else empty(TABLES[name])
    return frames


def _drop_misfits(frames: dict[str, pd.DataFrame]) -> list[Reject]:
    """Take out each document of which a row does not fit its table, whole, so that the laws hold for the rest."""
    uri_of = dict(zip(frames["documents"]["document_id"], frames["documents"]["uri"], strict=True))
    home = dict(zip(frames["occurrences"]["occurrence_id"], frames["occurrences"]["document_id"], strict=True))
    rejects: dict[str, Reject] = {}
    for name in ("documents", "occurrences", "leftovers"):
        frame = frames[name]
        fitting, failures = sift(TABLES[name], frame)
        if failures.empty:
            frames[name] = fitting
        for failure in records(failures):
            document_id = frame["document_id"].iloc[int(failure["index"])]
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this page"
            sample = str(failure["failure_case"])[:60]
            rejects.setdefault(document_id, Reject(uri_of[document_id], "schema", "schema", detail, sample))
    for name in _PARSED if rejects else ():
        ids = frames[name].get("document_id", frames[name].get("occurrence_id"))
        frames[name] = frames[name][~ids.map(home).fillna(ids).isin(rejects)]  # type: ignore[union-attr]
    return list(rejects.values())


def _drop_odd_figures(frames: dict[str, pd.DataFrame]) -> list[Reject]:
    """Take out the figures that do not fit their table, each alone: no other row points to one."""
    rows = frames["statistics"].reset_index(drop=True)
    frames["statistics"], failures = sift(TABLES["statistics"], rows)
    places = frames["occurrences"][["occurrence_id", "document_id"]].merge(frames["documents"][["document_id", "uri"]])
    uri_of = dict(zip(places["occurrence_id"], places["uri"], strict=True))
    return [
        Reject(
            uri_of[rows["occurrence_id"].iloc[int(failure["index"])]],
            "store",
            "schema",
            f"statistics.{failure['column']} does not fit: {failure['check']}; please report this row",
            str(rows["statistic_id"].iloc[int(failure["index"])]),
        )
        for failure in records(failures.drop_duplicates("index"))
    ]


def _rejects(rejects: Iterable[Reject]) -> pd.DataFrame:
    names = list(columns(TABLES["rejects"]))
    rows = dict.fromkeys(tuple(getattr(reject, name) for name in names) for reject in rejects)
    return pd.DataFrame(list(rows), columns=names)


_TRY_AGAIN = {"unreadable", "missing_library"}


def _files(fresh: Mapping[SourceFile, Intake]) -> pd.DataFrame:
    """What a later run compares; a file that could not be opened is left out, so that it is tried again."""
    rows = [
        (file.uri, file.bytes, file.modified_ns, intake.sha256)
        for file, intake in fresh.items()
        if not any(reject.reason in _TRY_AGAIN for reject in intake.rejects)
    ]
    return pd.DataFrame(rows, columns=list(columns(TABLES["files"])))


def _line_keys(fresh: Mapping[SourceFile, Intake]) -> pd.DataFrame:
    rows = [(file.uri, key, count) for file, intake in fresh.items() for key, count in intake.line_keys.items()]
    return pd.DataFrame(rows, columns=list(columns(TABLES["line_keys"]))).astype({"documents": "int64"})


# ---------------------------------------------------------------- the ledger's lines


def read_stage(found: Scan, db: duckdb.DuckDBPyConnection, unread: int) -> Stage:
    """Files in; a file is kept when a document came of it."""
    names = _file_names(found)
    kept = {file_of(uri, names) for uri in _uris(db, "documents")}
    reason_of: dict[str, str] = {}
    for uri, reason in db.execute("select uri, reason from rejects order by all").fetchall():
        reason_of.setdefault(file_of(uri, names), reason)
    dropped = Counter(reason_of[name] for name in names - kept)
    if found.hidden:
        dropped["hidden"] = found.hidden
    note = f"{unread:,} unchanged, not read again" if unread else ""
    return Stage("read", "files", len(names) + found.hidden, len(kept), dropped, note=note)


def _uris(db: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [uri for (uri,) in db.execute(f"select uri from {table}").fetchall()]


def _file_names(found: Scan) -> set[str]:
    return {file.uri for file in found.files} | {reject.uri for reject in found.rejects}


def records_stage(found: Scan, db: duckdb.DuckDBPyConnection) -> list[Stage]:
    """Records in, where files hold several; a record is kept when a document came of it."""
    names = _file_names(found)
    kept = {uri for uri in _uris(db, "documents") if uri not in names}
    rejected = db.execute("select uri, reason from rejects order by uri, stage, reason, detail").fetchall()
    refused: dict[str, str] = {}
    for uri, reason in rejected:
        if uri not in names and uri not in kept:
            refused.setdefault(uri, reason)
    total = len(kept) + len(refused)
    return [Stage("records", "records", total, len(kept), Counter(refused.values()))] if total else []


def parse_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Lines in; a line is kept when it lies in an occurrence or a leftover (`sql/lines_kept.sql`)."""
    lines, kept = db.execute(store.statement("lines_kept")).fetchall()[0]
    occurrences, leftovers = (store.count(db, name) for name in ("occurrences", "leftovers"))
    note = f"in {occurrences:,} occurrences and {leftovers:,} runs of leftovers"
    return Stage("parse", "lines", lines, kept, {"blank": lines - kept}, note=note)


def figures_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Answers in; every one is read for figures."""
    answered = db.execute("select count(*) from occurrences where is_answered").fetchall()[0][0]
    return Stage("figures", "answers", answered, answered, note=f"{store.count(db, 'statistics'):,} figures")


def warnings(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """A sentence for each document that deserves a look; the records of one file share theirs."""
    bare = db.execute("select uri from documents anti join occurrences using (document_id) order by uri").fetchall()
    found = _each_file((uri for (uri,) in bare), "no question found; its lines are kept as leftovers")
    guessed: dict[str, list[str]] = {}
    for encoding, uri in db.execute(
        "select encoding, uri from documents where not encoding_certain order by all"
    ).fetchall():
        guessed.setdefault(encoding, []).append(uri)
    for encoding, uris in guessed.items():
        found += _each_file(uris, f"not certainly {encoding}; look at its accents")
    return tuple(sorted(found))


def _each_file(uris: Iterable[str], what: str) -> list[str]:
    """What is to be said of these documents, in a sentence for each file."""
    by_file: dict[str, list[str]] = {}
    for uri in uris:
        by_file.setdefault(re.sub(r"#[0-9]+$", "", uri), []).append(uri)
    return [
        f"{group[0]}{f' and {len(group) - 1:,} more of its records' if len(group) > 1 else ''}: {what}"
        for group in by_file.values()
    ]
