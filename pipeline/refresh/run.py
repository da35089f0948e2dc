"""One refresh, from a folder of source documents to the published generation.

scan -> what is published -> a copy of it, brought up to date where something changed (`flow`) -> publish

What a run that finds nothing to do does not need (frames, parsing, figures, duplicates) is imported when there is
something to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import duckdb

from pipeline.duplicates.decisions import Entry, decisions_digest, decisions_of, read_entries
from pipeline.errors import DatabaseDamaged, RawEmpty, RawMissing
from pipeline.extract.options import MAX_DOCUMENT_BYTES, ReadOptions, read_columns
from pipeline.extract.scan import Scan, scan_settled
from pipeline.refresh import stage_counts
from pipeline.refresh.notify import write_results
from pipeline.refresh.plan import Job, Made
from pipeline.refresh.previous import Previous, previous
from pipeline.run_ledger import RunLedger
from pipeline.spark.needs import refuse_without_spark
from pipeline.spark.options import spark_options
from pipeline.storage import build, generations, history, statements
from pipeline.storage.generations import KEEP
from pipeline.storage.interrupts import ignore_interrupts
from pipeline.storage.journal import KEEP_RUNS, append_run
from pipeline.storage.lock import locked
from pipeline.storage.rules_digest import rules_digest, tagging_digest
from pipeline.topics.taxonomy import version_of
from pipeline.version import __version__

RAW = Path("data/raw")
PROCESSED = Path("data/processed")

# Bytes that a first database may need beside 4 for each byte of the source files: 20 kB of pages made one of 3.4 MB,
# 1 MB one of 8 MB, 8 MB one of 29 MB.
_ROOM = 16_000_000


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
    topics: str | os.PathLike[str] | None = None,
    embedder: str | os.PathLike[str] | None = None,
    progress: bool = False,
    engine: str = "local",
    master: str | None = None,
    scratch: str | os.PathLike[str] | None = None,
    conf: Mapping[str, str] | Sequence[str] = (),
) -> RunLedger:
    """Refresh the tables in `out` from the source documents in `raw`; the run's ledger.

    Only files that changed since the published generation are read; `full` reads all. `dry_run` works everything
    out and writes nothing. `workers` is the number of processes that read, by default one for each core.
    `decisions` is the file of people's review decisions, by default `decisions.jsonl` beside `raw`.
    `columns` says which columns of tables hold question, answer, text, url and date, where their names do not
    ({"question": "Q"} or "question=Q"). A document larger than `max_document_bytes` is rejected.
    `keep` generations are left beside each other, the published one among them; one that is being read stays too.
    `runs`, `changes` and the journal tell of the newest `keep_runs` runs.
    `topics` is the taxonomy file, by default the one of the package; where only it has changed, the published rows are
    tagged again and nothing is read.
    `embedder` is the folder of a local sentence-embedding model that finds more questions that ask the same; nothing
    is downloaded, its vectors are kept in `out`, and another model makes the duplicates anew and reads nothing.
    With the `engine` "spark" the files are read on a cluster: `master` is its address, by default all cores of this
    machine, `conf` are settings of Spark ({"spark.executor.memory": "8g"}), and `scratch` is a folder that every worker
    sees at the same path, as it must see `raw`; by default it is `out`.
    The same input gives the same tables, whatever `workers` and `engine`.

    Raises `RawMissing`, `RawEmpty`, `BadQuery` (columns, engine), `TaxonomyInvalid` (topics), `EmbedderUnusable`,
    `SparkMissing`, `MasterUnreachable` or `SparkFailed` (engine), `OutputUnusable`, `DiskFull`, `MemoryFull`,
    `RunLocked`, `DatabaseNewer` or `DatabaseDamaged`; the published database is then still the last good one.
    """
    raw, out = Path(raw), Path(out)
    job = Job(
        raw=raw,
        out=out,
        decisions_file=Path(decisions) if decisions is not None else raw.parent / "decisions.jsonl",
        full=full,
        dry_run=dry_run,
        workers=workers or os.cpu_count() or 1,
        options=ReadOptions(read_columns(columns), max_document_bytes),
        topics=Path(topics) if topics is not None else None,
        topics_version=version_of(topics),
        allow_empty=allow_empty,
        progress=progress,
        started=datetime.now(UTC),
        keep=keep,
        keep_runs=keep_runs,
        embedder=Path(embedder) if embedder is not None else None,
        spark=spark_options(engine, master, scratch, conf),
    )
    if job.spark:
        refuse_without_spark()
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
    ignore_interrupts()
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


def _previous(job: Job) -> Previous | None:
    """What is published; with `--full` a damaged database counts as none."""
    try:
        return previous(job.out)
    except DatabaseDamaged:
        if not job.full:
            raise
        return None


def _refresh(job: Job, found: Scan, before: Previous | None) -> RunLedger:
    entries = read_entries(job.decisions_file)
    decisions = decisions_of(entries)
    embedder = _embedder(job)
    marks = {
        "rules": rules_digest(job.options),
        "topics": tagging_digest(job.topics_version),
        "decisions": decisions_digest(decisions),
        "embedder": embedder.digest if embedder else "",
        "scanned_ns": job.scanned_ns,
    }
    afresh = before is None or job.full or before.manifest.rules != marks["rules"]
    changed = [file for file in found.files if afresh or not before or not before.is_unchanged(file)]
    is_retagged = before is not None and before.manifest.topics != marks["topics"]
    published = before.database if before else None
    is_same = before is not None and not changed and _is_all_the_same(before, found, marks)
    if not is_same and not afresh:
        Thread(target=import_module, args=("pipeline.refresh.build",)).start()  # .9 s of loading, while a copy is made
    with _place(job, before) as place, build.new_generation(place, published, afresh, job.workers) as db:
        if afresh:
            history.bring_along(db)
        if is_same:
            made = _again(job, db, found, is_retagged)
        else:
            from pipeline.refresh.build import make

            made = make(job, db, found, changed, decisions, embedder, afresh, is_retagged)
        db.execute("update qa set last_seen_at = $now", {"now": job.started})
        made = replace(made, warnings=(*_contradictions(job, entries), *made.warnings))
        return _publish(job, db, place, made, before, marks)


def _embedder(job: Job) -> Any:
    """The sentence-embedding model asked for, with the vectors it is remembered to have made."""
    if job.embedder is None:
        return None
    from pipeline.duplicates.vector_cache import RememberingEmbedder

    return RememberingEmbedder(job.embedder, job.out)


def _contradictions(job: Job, entries: list[Entry]) -> Iterator[str]:
    if entries:
        from pipeline.duplicates.contradictions import find_contradictions

        for each in find_contradictions(entries):
            yield f"{job.decisions_file}: decisions contradict: {each}"


def _is_all_the_same(before: Previous, found: Scan, marks: Mapping[str, Any]) -> bool:
    """Whether a run would make the very tables that are published, but perhaps for their topics."""
    return (
        {file.uri for file in found.files} == set(before.files)
        and {reject.uri for reject in found.rejects} == before.refused
        and all(getattr(before.manifest, name) == marks[name] for name in ("rules", "decisions", "embedder"))
    )


# What every run writes to a copied generation: when rows were last seen, and its history.
_ALWAYS_WRITTEN = {"qa", "runs", "changes"}


def _again(job: Job, db: duckdb.DuckDBPyConnection, found: Scan, is_retagged: bool) -> Made:
    """The published tables once more, with this run's time and perhaps other topics: nothing has to be read."""
    read = stage_counts.read_stage(found, db, len(found.files))
    if is_retagged:
        from pipeline.refresh.build import make_topics

        return Made("published", (read, make_topics(job, db)))
    return Made("unchanged", (read,), untouched=frozenset(statements.tables_in(db)) - _ALWAYS_WRITTEN)


# ---------------------------------------------------------------- publishing


@contextmanager
def _place(job: Job, before: Previous | None) -> Iterator[Path]:
    """Where the new generation is made; a dry run leaves nothing behind."""
    if job.dry_run:
        with TemporaryDirectory() as folder:
            yield Path(folder) / "dry_run.duckdb"
    else:
        with generations.building(job.out, job.generation, _needed(job, before)) as place:
            yield place


def _needed(job: Job, before: Previous | None) -> int:
    """Bytes of free disk space that another generation may need."""
    if before is not None:
        return int(1.5 * before.manifest.bytes)
    return _ROOM + 4 * job.raw_bytes


def _publish(
    job: Job,
    db: duckdb.DuckDBPyConnection,
    place: Path,
    made: Made,
    before: Previous | None,
    marks: Mapping[str, Any],
) -> RunLedger:
    """Make the finished tables the published generation; in a dry run only say what it would be."""
    ledger = RunLedger(
        run_id=job.run_id,
        generation=None if job.dry_run else job.generation,
        status="dry_run" if job.dry_run else made.status,
        started_at=job.started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        stages=made.stages,
        counts={name: statements.count(db, name) for name in statements.tables_in(db) if name != "runs"},
        changes=history.count_changes(db, job.run_id),
        documents_read=made.files_read,
        rejects=tuple(statements.rows(db, "select * from rejects order by uri, stage, reason, detail")),
        warnings=made.warnings,
        embedder=marks["embedder"] or None,
        changed_rows=tuple(history.changes_of(db, job.run_id)) if job.dry_run else (),
    )
    if job.dry_run:
        return ledger
    run = history.published_run(ledger)
    history.note_runs(db, job.out, run, job.keep_runs)
    noted = before.manifest.tables if before else {}
    manifest = {
        "generation": job.generation,
        "created_at": job.started.isoformat(),
        "version": __version__,
        "tables": build.close_generation(db, place, {name: noted[name] for name in made.untouched}),
        **marks,
    }
    generations.publish(job.out, place, manifest, run, job.keep, job.keep_runs)
    return ledger
