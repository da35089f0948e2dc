"""The whole run on one screen; the only module that knows the order.

scan -> gather (read, parse, figures: each document alone) -> duplicates -> tag -> qa -> store -> publish
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline import __version__, gather, generations, history, store
from pipeline.account import RunLedger, Stage
from pipeline.aftermath import write_results
from pipeline.contradictions import find_contradictions
from pipeline.decisions import decisions_digest, decisions_of, read_entries
from pipeline.duplicates import Decision, relate
from pipeline.errors import DatabaseDamaged, RawEmpty, RawMissing
from pipeline.gather import Tables
from pipeline.generations import KEEP
from pipeline.intake import identify
from pipeline.journal import KEEP_RUNS, append_run
from pipeline.lock import locked, pass_over_interruptions
from pipeline.options import MAX_DOCUMENT_BYTES, ReadOptions, read_columns
from pipeline.previous import Previous, previous, rules_digest
from pipeline.read import Scan, SourceFile, scan_settled
from pipeline.schema import TABLES, empty, records
from pipeline.topics import tag_table, topic_table

RAW = Path("data/raw")
PROCESSED = Path("data/processed")

# Bytes that a first database may need beside 4 for each byte of the source files: 20 kB of pages made one of 3.4 MB,
# 1 MB one of 8 MB, 8 MB one of 29 MB.
_ROOM = 16_000_000


@dataclass(frozen=True)
class Job:
    """What a run was asked to do."""

    raw: Path
    out: Path
    decisions_file: Path
    full: bool
    dry_run: bool
    workers: int
    options: ReadOptions
    allow_empty: bool
    progress: bool
    started: datetime
    keep: int = KEEP
    keep_runs: int = KEEP_RUNS
    scanned_ns: int = 0
    raw_bytes: int = 0

    @property
    def run_id(self) -> str:
        return identify("r_", self.started.isoformat(), str(os.getpid()))

    @property
    def generation(self) -> str:
        return self.started.strftime("%Y%m%dT%H%M%S.%fZ")


def run(
    raw: str | os.PathLike[str] = RAW,
    out: str | os.PathLike[str] = PROCESSED,
    *,
    full: bool = False,
    dry_run: bool = False,
    workers: int | None = None,
    allow_empty: bool = False,
    decisions: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | str | None = None,
    max_document_bytes: int = MAX_DOCUMENT_BYTES,
    keep: int = KEEP,
    keep_runs: int = KEEP_RUNS,
    progress: bool = False,
) -> RunLedger:
    """Refresh the tables in `out` from the source documents in `raw`; the run's ledger.

    Only files that changed since the published generation are read; `full` reads all. `dry_run` works everything
    out and writes nothing. `workers` is the number of processes that read, by default one for each core.
    `decisions` is the file of people's review decisions, by default `decisions.jsonl` beside `raw`.
    `columns` says which columns of tables hold question, answer, text, url and date, where their names do not
    ({"question": "Q"} or "question=Q"). A document larger than `max_document_bytes` is rejected.
    `keep` generations are left beside each other, the published one among them; one that is being read stays too.
    `runs`, `changes` and the journal tell of the newest `keep_runs` runs.
    The same input gives the same tables, whatever `workers`.

    Raises `RawMissing`, `RawEmpty`, `BadQuery` (columns), `OutputUnusable`, `DiskFull`, `RunLocked`, `DatabaseNewer`
    or `DatabaseDamaged`; the published database is then still the last good one.
    """
    raw, out = Path(raw), Path(out)
    decisions_file = Path(decisions) if decisions is not None else raw.parent / "decisions.jsonl"
    cores = workers or os.cpu_count() or 1
    options = ReadOptions(read_columns(columns), max_document_bytes)
    job = Job(
        raw,
        out,
        decisions_file,
        full,
        dry_run,
        cores,
        options,
        allow_empty,
        progress,
        datetime.now(UTC),
        keep,
        keep_runs,
    )
    if dry_run:
        return _scanned(job)
    if not raw.is_dir():
        raise RawMissing(raw)
    with locked(out):
        try:
            ledger = _scanned(job)
        except BaseException as err:
            _note_failed(job, err)
            raise
        write_results(out, ledger.to_dict())
        return ledger


def _scanned(job: Job) -> RunLedger:
    found, scanned_ns = scan_settled(job.raw)
    return refresh(replace(job, scanned_ns=scanned_ns, raw_bytes=sum(file.bytes for file in found.files)), found)


def _note_failed(job: Job, err: BaseException) -> None:
    """A line in the journal, and the result; a disk that takes none must not hide what went wrong."""
    pass_over_interruptions()
    run = history.failed_run(job.run_id, job.started, err)
    with suppress(OSError):
        append_run(job.out, run)
    write_results(job.out, run)


def refresh(job: Job, found: Scan) -> RunLedger:
    """One run, from what was found to the published generation."""
    if not found.files and not job.allow_empty:
        raise RawEmpty(job.raw, len(found.rejects))
    with _previous(job) or nullcontext() as before:
        return _refresh(job, found, before)


def _refresh(job: Job, found: Scan, before: Previous | None) -> RunLedger:
    entries = read_entries(job.decisions_file)
    decisions = decisions_of(entries)
    warnings = tuple(f"{job.decisions_file}: decisions contradict: {each}" for each in find_contradictions(entries))
    marks = {
        "rules": rules_digest(job.options),
        "decisions": decisions_digest(decisions),
        "scanned_ns": job.scanned_ns,
    }
    changed = _changed(job, found, before)
    if before and not changed and _is_all_the_same(before, found, marks):
        return _publish_unchanged(job, found, before, marks, warnings)

    gathered = gather.gather(found, changed, before, job.started, job.workers, job.progress, job.options)
    tables, unread = gathered.tables, len(found.files) - gathered.files_read
    stages = [gather.read_stage(found, tables, unread), *gather.records_stage(found, tables)]
    stages += [gather.parse_stage(tables), gather.figures_stage(tables)]
    if tables["documents"].empty and not job.allow_empty:
        first = tables["rejects"].iloc[0]
        raise RawEmpty(job.raw, len(tables["rejects"]), f"{first['uri']}: {first['detail']}")
    clock = Clock(gathered.seconds)
    members = deduplicate(tables, decisions)
    clock.note("duplicates")
    tag(tables, members)
    clock.note("topics")
    with store.open_new(None) as db:
        history.link(db, tables, before)
        make_qa(db, tables, members, job.started)
        stages += [duplicates_stage(db, tables), topics_stage(tables)]
        history.note_changes(db, tables, before, job.run_id)
    stages = [replace(stage, seconds=clock.seconds.get(stage.stage, 0.0)) for stage in stages]
    warnings += gather.warnings(tables)
    return _publish(job, tables, stages, before, marks, gathered.files_read, warnings)


class Clock:
    """Seconds of wall time by stage; `note` gives the time since the last note to a stage."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self._last = time.perf_counter()

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now


def _previous(job: Job) -> Previous | None:
    """What is published; with `--full` a damaged database counts as none."""
    try:
        return previous(job.out)
    except DatabaseDamaged:
        if not job.full:
            raise
        return None


def _changed(job: Job, found: Scan, before: Previous | None) -> list[SourceFile]:
    """The files to read: all those that are not as they were when these same rules made the published generation."""
    if before is None or job.full or before.manifest.rules != rules_digest(job.options):
        return found.files
    return [file for file in found.files if not before.is_unchanged(file)]


def _is_all_the_same(before: Previous, found: Scan, marks: dict[str, Any]) -> bool:
    """Whether a run would make the very tables that are published."""
    return (
        {file.uri for file in found.files} == set(before.files)
        and {reject.uri for reject in found.rejects} == before.refused
        and all(getattr(before.manifest, name) == marks[name] for name in ("rules", "decisions"))
    )


# ---------------------------------------------------------------- duplicates, topics, qa


def deduplicate(tables: Tables, decisions: list[Decision]) -> pd.DataFrame:
    """Fill `duplicates` and every `qa_id`.

    Gives back the members of each row of qa: occurrence_id, canonical_occurrence_id, qa_id, question_id.
    """
    if tables["occurrences"].empty:
        return _nothing_to_relate(tables)
    related = relate(tables["occurrences"], tables["leftovers"], decisions)
    members = related.members.merge(related.questions, on="canonical_occurrence_id", validate="many_to_one")
    members["qa_id"] = members["canonical_occurrence_id"].map(_qa_ids(tables["occurrences"], members))
    by_occurrence = members.set_index("occurrence_id")["qa_id"]
    by_canonical = members.set_index("canonical_occurrence_id")["qa_id"].groupby(level=0).first()
    orphans = related.orphans.set_index("leftover_id")["canonical_occurrence_id"].map(by_canonical)
    tables["duplicates"] = related.pairs
    tables["occurrences"] = tables["occurrences"].assign(
        qa_id=tables["occurrences"]["occurrence_id"].map(by_occurrence)
    )
    tables["leftovers"] = tables["leftovers"].assign(
        qa_id=tables["leftovers"]["leftover_id"].map(orphans).astype("str")
    )
    tables["statistics"] = tables["statistics"].assign(qa_id=tables["statistics"]["occurrence_id"].map(by_occurrence))
    return members


def _nothing_to_relate(tables: Tables) -> pd.DataFrame:
    """As `deduplicate`, where no question was found at all."""
    tables["duplicates"] = empty(TABLES["duplicates"])
    for name in ("occurrences", "leftovers", "statistics"):
        tables[name] = tables[name].assign(qa_id=pd.Series(dtype="str", index=tables[name].index))
    return pd.DataFrame(
        {name: pd.Series(dtype="str") for name in ("occurrence_id", "canonical_occurrence_id", "qa_id", "question_id")}
    )


def _qa_ids(occurrences: pd.DataFrame, members: pd.DataFrame) -> dict[str, str]:
    """The qa_id of each canonical occurrence: from its question's and its answer's key.

    Rows that people hold apart though their keys are equal are told apart by rank, in order of id.
    """
    ids: dict[str, str] = {}
    rank: dict[tuple[str, str], int] = {}
    canonical = occurrences[occurrences["occurrence_id"].isin(members["canonical_occurrence_id"])]
    for row in records(canonical.sort_values("occurrence_id")):
        keys = (row["question_key"], row["answer_key"] or "")
        rank[keys] = rank.get(keys, -1) + 1
        again = [str(rank[keys])] if rank[keys] else []
        ids[row["occurrence_id"]] = identify("qa_", *keys, *again)
    return ids


def tag(tables: Tables, members: pd.DataFrame) -> None:
    """Fill `topics` and `qa_topics`, by the wording that stands for each row of qa."""
    rows = members[["canonical_occurrence_id", "qa_id"]].drop_duplicates()
    wording = tables["occurrences"][["occurrence_id", "question", "answer"]]
    texts = rows.merge(wording, left_on="canonical_occurrence_id", right_on="occurrence_id")
    tables["topics"] = topic_table()
    tables["qa_topics"] = tag_table(texts[["qa_id", "question", "answer"]]).sort_values(
        ["qa_id", "topic"], ignore_index=True
    )


def make_qa(db: duckdb.DuckDBPyConnection, tables: Tables, members: pd.DataFrame, now: datetime) -> None:
    """Fill `qa`, counted in SQL (`sql/qa.sql`)."""
    for name in ("occurrences", "documents", "qa_topics"):
        store.lay(db, name, tables[name])
    db.register("members", members)
    tables["qa"] = store.query(db, "qa", now=now)


# ---------------------------------------------------------------- the ledger's lines


def duplicates_stage(db: duckdb.DuckDBPyConnection, tables: Tables) -> Stage:
    """Occurrences in; one for each row of qa is kept, the others repeat it."""
    for name in ("qa", "duplicates"):
        store.lay(db, name, tables[name])
    reasons = {row["reason"]: row["rows"] for row in records(store.query(db, "merge_reasons"))}
    occurrences, kept = len(tables["occurrences"]), len(tables["qa"])
    note = f"{len(tables['duplicates']):,} related pairs"
    return Stage("duplicates", "occurrences", occurrences, kept, reasons, note=note)


def topics_stage(tables: Tables) -> Stage:
    """Rows of qa in; every one is looked at."""
    rows = len(tables["qa"])
    bare = rows - tables["qa_topics"]["qa_id"].nunique()
    return Stage("topics", "qa rows", rows, rows, note=f"{len(tables['qa_topics']):,} tags, {bare:,} without one")


def store_stage(tables: Tables, dropped: int) -> Stage:
    """Rows of every table in; one that does not fit its schema is a row of rejects instead."""
    kept = sum(len(tables[name]) for name in TABLES if name in tables)
    return Stage("store", "rows", kept + dropped, kept, {"schema": dropped} if dropped else {})


# ---------------------------------------------------------------- publishing


def _publish(
    job: Job,
    tables: Tables,
    stages: list[Stage],
    before: Previous | None,
    marks: dict[str, Any],
    files_read: int,
    warnings: tuple[str, ...],
) -> RunLedger:
    """Write a new generation and make it the published one; in a dry run only say what it would be."""
    stages = [*stages, store_stage(tables, history.sift_leaves(tables))]
    ledger = RunLedger(
        run_id=job.run_id,
        generation=None if job.dry_run else job.generation,
        status="dry_run" if job.dry_run else "published",
        started_at=job.started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        stages=tuple(stages),
        counts={name: len(tables[name]) for name in TABLES if name in tables},
        changes=history.count_changes(tables["changes"], job.run_id),
        documents_read=files_read,
        rejects=tuple(records(tables["rejects"])),
        warnings=warnings,
        changed_rows=tuple(records(tables["changes"].query("run_id == @job.run_id"))),
    )
    if job.dry_run:
        return ledger
    tables["runs"] = history.runs(job.out, before, history.published_run(ledger), job.keep_runs)
    tables["changes"] = tables["changes"][tables["changes"]["run_id"].isin(tables["runs"]["run_id"])]
    with _new_generation(job, before) as (place, db):
        store.create(db)
        for name in TABLES:
            store.write(db, name, tables[name])
        _seal(job, db, place, marks, ledger)
    return ledger


def _publish_unchanged(
    job: Job, found: Scan, before: Previous, marks: dict[str, Any], warnings: tuple[str, ...]
) -> RunLedger:
    """A new generation with the published tables and this run's time: nothing was read."""
    tables = {name: store.read_table(before.db, name) for name in ("documents", "rejects")}
    counts = {name: before.db.table(name).shape[0] for name in TABLES}
    ledger = RunLedger(
        run_id=job.run_id,
        generation=None if job.dry_run else job.generation,
        status="dry_run" if job.dry_run else "unchanged",
        started_at=job.started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        stages=(gather.read_stage(found, tables, len(found.files)),),
        counts=counts,
        changes={},
        rejects=tuple(records(tables["rejects"])),
        warnings=warnings,
    )
    if job.dry_run:
        return ledger
    runs = history.runs(job.out, before, history.published_run(ledger), job.keep_runs)
    with _new_generation(job, before, copied=True) as (place, db):
        db.execute("update qa set last_seen_at = $now", {"now": job.started})
        db.execute("delete from runs")
        store.write(db, "runs", runs)
        db.execute("delete from changes where run_id not in (select run_id from runs)")
        _seal(job, db, place, marks, ledger)
    return ledger


@contextmanager
def _new_generation(
    job: Job, before: Previous | None, copied: bool = False
) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """A new generation's file and the database in it, empty or a copy of the published one."""
    with generations.building(job.out, job.generation, _needed(job, before)) as place:
        if copied and before is not None:
            generations.copy(before.database, place)
        with store.writing(place) as db:
            yield place, db


def _needed(job: Job, before: Previous | None) -> int:
    """Bytes of free disk space that another generation may need."""
    if before is not None:
        return int(1.5 * before.manifest.bytes)
    return _ROOM + 4 * job.raw_bytes


def _seal(job: Job, db: duckdb.DuckDBPyConnection, place: Path, marks: dict[str, Any], ledger: RunLedger) -> None:
    """Close a finished database and publish it with its manifest."""
    manifest = {
        "generation": job.generation,
        "created_at": job.started.isoformat(),
        "version": __version__,
        "tables": store.close_for_good(db, place),
        **marks,
    }
    generations.publish(job.out, place, manifest, history.published_run(ledger), job.keep, job.keep_runs)
