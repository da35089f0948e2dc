"""Many files -> tables: what changed is read, what did not is used again, and every file is accounted for."""

from __future__ import annotations

import os
import re
import signal
import warnings as warnings_of_python
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any

import pandas as pd
from tqdm import tqdm

from pipeline import store
from pipeline.account import Stage
from pipeline.intake import Intake, take_in
from pipeline.lock import let_go
from pipeline.options import ReadOptions
from pipeline.previous import Previous
from pipeline.read import Reject, Scan, SourceFile, file_of
from pipeline.schema import TABLES, columns, empty, records, sift
from pipeline.sitewide import files_with, furniture_of

Tables = dict[str, pd.DataFrame]

# A process of its own costs about .5 s of imports, as much as one core needs for this many bytes of text.
_WORTH_A_POOL = 2_000_000
_PARSED = ("documents", "occurrences", "leftovers", "statistics")

# Columns that later stages fill, with a stand-in of the right type for checking the rest of the row.
# A figure that does not fit is dropped alone, where the tables are stored; a document's other rows stand together.
_TO_COME: dict[str, dict[str, Any]] = {
    "documents": {"first_seen_at": pd.Timestamp(0, tz="UTC"), "last_changed_at": pd.Timestamp(0, tz="UTC")},
    "occurrences": {"qa_id": "qa_"},
    "leftovers": {"qa_id": None},
    "statistics": {"qa_id": "qa_"},
}


@dataclass(frozen=True)
class Gathered:
    """Tables by name, seconds of work by stage (of all processes together), and how many files were read for them."""

    tables: Tables
    seconds: dict[str, float]
    files_read: int


def gather(
    found: Scan,
    changed: Sequence[SourceFile],
    before: Previous | None,
    now: datetime,
    workers: int,
    progress: bool,
    options: ReadOptions | None = None,
) -> Gathered:
    """The tables that come of looking at each document alone, in source order, without the columns still to come.

    documents, occurrences, leftovers, statistics, rejects, files. Files that are not among `changed` are taken from
    `before`, but for those that a line repeated over many documents reads differently now.
    """
    read = partial(_each, workers=workers, progress=progress)
    fresh = dict(zip(changed, read(partial(take_in, options=options), changed), strict=True))
    furniture, again = _repeated(found, fresh, before)
    fresh.update(zip(again, read(partial(take_in, options=options, furniture=furniture), again), strict=True))
    intakes = list(fresh.values())
    tables = _frames(intakes)
    misfits = _drop_misfits(tables)
    tables["rejects"] = _rejects([*found.rejects, *(r for intake in intakes for r in intake.rejects), *misfits])
    tables["files"] = _files(fresh)
    tables["line_keys"] = _line_keys(fresh)
    unread = [file for file in found.files if file not in fresh]
    if before and unread:
        kept = before.tables({file.uri for file in unread}, (*_PARSED, "rejects", "files", "line_keys"))
        for name, frame in kept.items():
            tables[name] = _join(tables[name], frame.drop(columns=[*_TO_COME.get(name, ())]))
    tables["rejects"] = tables["rejects"].drop_duplicates()
    _in_source_order(tables)
    tables["documents"] = _with_times(tables["documents"], before, now)
    seconds = {stage: sum(intake.seconds[stage] for intake in intakes) for stage in Intake().seconds}
    return Gathered(tables, seconds, len(fresh))


def _repeated(
    found: Scan, fresh: Mapping[SourceFile, Intake], before: Previous | None
) -> tuple[frozenset[str], list[SourceFile]]:
    """Lines that are furniture because many documents hold them, and the files to read again with that knowledge.

    These are the fresh files that hold such a line, and those kept from before that hold one that was none before, or
    the other way round; all others read the same with it.
    """
    fresh_uris = {file.uri for file in fresh}
    kept_uris = {file.uri for file in found.files} - fresh_uris
    fresh_keys = _line_keys(fresh)
    kept_keys, documents, was = fresh_keys.iloc[:0], 0, frozenset[str]()
    if before is not None:
        known = store.read_table(before.db, "line_keys")
        kept_keys = known[known["uri"].isin(kept_uris)]
        documents = before.count_documents(kept_uris)
        was = furniture_of(known, before.db.table("documents").shape[0])
    documents += sum(len(intake.documents) for intake in fresh.values())
    furniture = furniture_of(_join(fresh_keys, kept_keys), documents)
    again = files_with(fresh_keys, furniture) | files_with(kept_keys, furniture ^ was)
    return furniture, [file for file in found.files if file.uri in again]


def _line_keys(fresh: Mapping[SourceFile, Intake]) -> pd.DataFrame:
    rows = [(file.uri, key, count) for file, intake in fresh.items() for key, count in intake.line_keys.items()]
    return pd.DataFrame(rows, columns=list(columns(TABLES["line_keys"]))).astype({"documents": "int64"})


def _each(
    kernel: Callable[[SourceFile], Intake], files: Sequence[SourceFile], workers: int, progress: bool
) -> Iterable[Intake]:
    """The kernel's result for each file, in order; by several processes when there is enough to read."""
    bar = tqdm(total=len(files), unit=" files", desc="reading", disable=None if progress else True)
    with bar:
        if workers == 1 or sum(file.bytes for file in files) < _WORTH_A_POOL:
            for file in files:
                yield kernel(file)
                bar.update()
            return
        with ProcessPoolExecutor(workers, initializer=_become_worker) as pool:
            try:
                chunk = max(1, min(64, len(files) // (4 * workers)))
                for intake in _mapped(pool, kernel, files, chunk):
                    yield intake
                    bar.update()
            except BaseException:  # interrupted, or a kernel failed: what has not begun is not begun any more
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _mapped(
    pool: ProcessPoolExecutor, kernel: Callable[[SourceFile], Intake], files: Sequence[SourceFile], chunk: int
) -> Iterable[Intake]:
    """`pool.map`. The workers only read and parse, and share no lock with DuckDB's threads of this process."""
    with warnings_of_python.catch_warnings():
        warnings_of_python.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        return pool.map(kernel, files, chunksize=chunk)


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


def _frames(intakes: Sequence[Intake]) -> Tables:
    tables = {}
    for name in _PARSED:
        rows = [row for intake in intakes for row in getattr(intake, name)]
        tables[name] = pd.DataFrame(rows) if rows else empty(TABLES[name]).drop(columns=[*_TO_COME[name]])
    return tables


def _drop_misfits(tables: Tables) -> list[Reject]:
    """Take out each document of which a row does not fit its table, whole, so that the laws hold for the rest."""
    uri_of = dict(zip(tables["documents"]["document_id"], tables["documents"]["uri"], strict=True))
    home = dict(zip(tables["occurrences"]["occurrence_id"], tables["occurrences"]["document_id"], strict=True))
    rejects: dict[str, Reject] = {}
    for name in ("documents", "occurrences", "leftovers"):
        frame = tables[name].assign(**_TO_COME[name])
        for failure in records(sift(TABLES[name], frame)[1]):
            document_id = frame["document_id"].iloc[int(failure["index"])]
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this page"
            sample = str(failure["failure_case"])[:60]
            rejects.setdefault(document_id, Reject(uri_of[document_id], "schema", "schema", detail, sample))
    for name in _PARSED if rejects else ():
        ids = tables[name].get("document_id", tables[name].get("occurrence_id"))
        tables[name] = tables[name][~ids.map(home).fillna(ids).isin(rejects)]  # type: ignore[union-attr]
    return list(rejects.values())


def _rejects(rejects: Sequence[Reject]) -> pd.DataFrame:
    names = list(columns(TABLES["rejects"]))
    return pd.DataFrame([[getattr(reject, name) for name in names] for reject in rejects], columns=names)


_TRY_AGAIN = {"unreadable", "missing_library"}


def _files(fresh: Mapping[SourceFile, Intake]) -> pd.DataFrame:
    """What a later run compares; a file that could not be opened is left out, so that it is tried again."""
    rows = [
        (file.uri, file.bytes, file.modified_ns, intake.sha256)
        for file, intake in fresh.items()
        if not any(reject.reason in _TRY_AGAIN for reject in intake.rejects)
    ]
    return pd.DataFrame(rows, columns=list(columns(TABLES["files"])))


def _join(fresh: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    parts = [part for part in (fresh, kept) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else fresh


def _in_source_order(tables: Tables) -> None:
    """Documents by uri, their rows in the order they stand in them, whatever the order they were read in."""
    tables["documents"] = tables["documents"].sort_values("uri", ignore_index=True)
    tables["files"] = tables["files"].sort_values("uri", ignore_index=True)
    tables["line_keys"] = tables["line_keys"].sort_values(["uri", "line_key"], ignore_index=True)
    tables["rejects"] = tables["rejects"].sort_values(["uri", "stage", "reason", "detail"], ignore_index=True)
    for name, owner, key in (
        ("occurrences", "documents", "document_id"),
        ("leftovers", "documents", "document_id"),
        ("statistics", "occurrences", "occurrence_id"),
    ):
        rank = pd.Series(range(len(tables[owner])), index=tables[owner][key])
        frame = tables[name].assign(rank=tables[name][key].map(rank))
        order = ["rank", "char_start", "char_end"]
        tables[name] = frame.sort_values(order, ignore_index=True, kind="stable").drop(columns="rank")


def _with_times(documents: pd.DataFrame, before: Previous | None, now: datetime) -> pd.DataFrame:
    """Documents with `first_seen_at` and `last_changed_at`, from before where they have been seen before."""
    time = pd.Timestamp(now)
    if before is None:
        return documents.assign(first_seen_at=time, last_changed_at=time)
    known = store.frame_of(
        before.db.sql("select document_id, sha256 as was, first_seen_at, last_changed_at from documents")
    )
    both = documents.merge(known, on="document_id", how="left")
    both["first_seen_at"] = both["first_seen_at"].fillna(time)
    both["last_changed_at"] = both["last_changed_at"].where(both["was"] == both["sha256"], time)
    return both.drop(columns="was")


# ---------------------------------------------------------------- the ledger's lines


def read_stage(found: Scan, tables: Tables, unread: int) -> Stage:
    """Files in; a file is kept when a document came of it."""
    names = _file_names(found)
    kept = {file_of(uri, names) for uri in tables["documents"]["uri"]}
    reason_of: dict[str, str] = {}
    for reject in records(tables["rejects"]):
        reason_of.setdefault(file_of(reject["uri"], names), reject["reason"])
    dropped = Counter(reason_of[name] for name in names - kept)
    if found.hidden:
        dropped["hidden"] = found.hidden
    note = f"{unread:,} unchanged, not read again" if unread else ""
    return Stage("read", "files", len(names) + found.hidden, len(kept), dropped, note=note)


def _file_names(found: Scan) -> set[str]:
    return {file.uri for file in found.files} | {reject.uri for reject in found.rejects}


def records_stage(found: Scan, tables: Tables) -> list[Stage]:
    """Records in, where files hold several; a record is kept when a document came of it."""
    names = _file_names(found)
    kept = {uri for uri in tables["documents"]["uri"] if uri not in names}
    refused = tables["rejects"][~tables["rejects"]["uri"].isin(names | kept)].drop_duplicates("uri")
    dropped = Counter(refused["reason"])
    total = len(kept) + len(refused)
    return [Stage("records", "records", total, len(kept), dropped)] if total else []


def parse_stage(tables: Tables) -> Stage:
    """Lines in; a line is kept when it lies in an occurrence or a leftover."""
    names = ["document_id", "line_start", "line_end"]
    spans = pd.concat([tables["occurrences"][names], tables["leftovers"][names]]).sort_values(names)
    shared = (spans["line_start"] <= spans.groupby("document_id")["line_end"].shift()).sum()
    kept = int((spans["line_end"] - spans["line_start"] + 1).sum() - shared)
    lines = int(tables["documents"]["lines"].sum())
    note = f"in {len(tables['occurrences']):,} occurrences and {len(tables['leftovers']):,} runs of leftovers"
    return Stage("parse", "lines", lines, kept, {"blank": lines - kept}, note=note)


def figures_stage(tables: Tables) -> Stage:
    """Answers in; every one is read for figures."""
    answered = int(tables["occurrences"]["is_answered"].sum())
    return Stage("figures", "answers", answered, answered, note=f"{len(tables['statistics']):,} figures")


def warnings(tables: Tables) -> tuple[str, ...]:
    """A sentence for each document that deserves a look; the records of one file share theirs."""
    documents = tables["documents"]
    asked = set(tables["occurrences"]["document_id"])
    bare = documents[~documents["document_id"].isin(asked)]
    guessed = documents[~documents["encoding_certain"].astype(bool)]
    found = _each_file(bare["uri"], "no question found; its lines are kept as leftovers")
    for encoding, rows in guessed.groupby("encoding"):
        found += _each_file(rows["uri"], f"not certainly {encoding}; look at its accents")
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
