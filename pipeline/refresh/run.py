"""One run, from a folder of source documents to the published generation: scan, compare, build, publish.

What a run that finds nothing to do does not need (frames, parsing, statistics, duplicates) is imported only when there
is something to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb

from pipeline.duplicates.decisions import Entry, decisions_digest, read_entries
from pipeline.errors import (
    DatabaseDamaged,
    FolderUnlisted,
    OutputIsRaw,
    RawEmpty,
    RawMissing,
    check_argument,
    check_count,
)
from pipeline.extract.options import ReadOptions, read_columns, read_encodings
from pipeline.extract.scan import Scan, scan_settled
from pipeline.limits import KEEP, KEEP_RUNS, MAX_DOCUMENT_BYTES, MOST_WORKERS
from pipeline.refresh import stage_counts
from pipeline.refresh.notify import write_results
from pipeline.refresh.plan import Built, Job, Plan, make_plan
from pipeline.refresh.previous import Previous, open_newest_whole, open_previous
from pipeline.spark.needs import refuse_without_spark
from pipeline.spark.options import spark_options
from pipeline.storage import generations, history
from pipeline.storage.build import (
    SPARK_THREAD_BYTES,
    THREAD_BYTES,
    checksums,
    close_generation,
    new_generation,
    temporary_file,
)
from pipeline.storage.forms import FORMS, checked_form, form_of
from pipeline.storage.interrupts import ignore_interrupts
from pipeline.storage.journal import append_run, failed_run
from pipeline.storage.location import RAW, find_out
from pipeline.storage.lock import locked
from pipeline.storage.manifest import PartNote
from pipeline.storage.rules_digest import rules_digest, tagging_digest
from pipeline.storage.run_ledger import RunLedger
from pipeline.storage.statements import counts, rows, tables_in
from pipeline.topics.taxonomy import version_of
from pipeline.version import __version__

# Bytes on disk while a generation is built, at most: some in any case, some for each byte of text that is read, and
# twice the tables that are copied, since changed rows are written before the old ones are freed. Measured on pages full
# of figures: 1 page 4.5 MB, 270 kB of pages 31 MB, one page more 29 MB where 15 were published. Long pages need 8 times
# their text. Parquet files are written from a database: of 6.3 MB of pages, 24 MB from 36 MB.
_SMALLEST_BYTES, _TEXT_SHARE, _COPY_SHARE, _PARQUET_SHARE = 48_000_000, 8, 2, 2


def run(
    raw: str | os.PathLike[str] = RAW,
    out: str | os.PathLike[str] | None = None,
    *,
    full: bool = False,
    dry_run: bool = False,
    workers: int | None = None,
    allow_empty: bool = False,
    decisions: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | str | None = None,
    encoding: Mapping[str, str] | Sequence[str] | str | None = None,
    max_document_bytes: int = MAX_DOCUMENT_BYTES,
    keep: int = KEEP,
    keep_runs: int = KEEP_RUNS,
    tables: str | None = None,
    topics: str | os.PathLike[str] | None = None,
    embedder: str | os.PathLike[str] | None = None,
    progress: bool = False,
    engine: str = "local",
    master: str | None = None,
    scratch: str | os.PathLike[str] | None = None,
    conf: Mapping[str, str] | Sequence[str] = (),
) -> RunLedger:
    """Refresh the tables in `out` from the source documents in `raw`; returns the run's ledger.

    `out` is by default where `open` finds the tables: `$QALEDGER_OUT`, else `data/processed`.
    Only files that changed since the published generation are read; `full` reads all. `dry_run` computes everything
    and writes nothing. `workers` is the number of processes, by default one for each core, at most 256.

    - `decisions` is the file of people's review decisions, by default `decisions.jsonl` beside `raw`.
    - `columns` names the columns of tables that contain question, answer, text, url and date, if they have other names:
      {"question": "Q"} or "question=Q".
    - `encoding` names the encoding of files that do not declare one, of all files or by a pattern of their paths:
      "gbk", {"old/*": "cp1251"}.
    - `max_document_bytes`: a larger document is rejected.
    - `keep`: how many generations stay in `out`; pinned ones, and those that are being read, stay as well. `keep_runs`:
      how many runs are in `runs`, `changes` and the journal.
    - `tables`: "duckdb" publishes one DuckDB file, "parquet" a folder of Parquet files; by default the form that the
      published tables have, or one DuckDB file.
    - `topics` is the taxonomy file, by default that of the package. If only the taxonomy has changed, the published
      rows are tagged again, and no file is read.
    - `embedder` is the folder of a local sentence-embedding model, which finds more questions that ask the same.
      Nothing is downloaded; its vectors are cached in `out`. With another model, only duplicates are computed again.
    - `engine`: "spark" reads the files on a cluster. `master` is its address, by default all cores of this machine;
      `conf` are settings of Spark ({"spark.executor.memory": "8g"}); `scratch` is a folder that every worker sees at
      the same path, as it must see `raw`, by default `out`.

    The same input gives the same tables, whatever `workers` and `engine` are.

    Raises `RawMissing`, `OutputIsRaw`, `RawEmpty`, `LedgerEmptied`, `BadQuery` (columns, encoding, engine,
    tables), `ColumnsMissing`, `TaxonomyInvalid` (topics), `EmbedderUnusable`, `SparkMissing`, `MasterUnreachable` or
    `SparkFailed` (engine), `OutputUnusable`, `DiskFull`, `MemoryFull`, `RunLocked`, `DatabaseNewer` or
    `DatabaseDamaged`; the published database is then still the last good one.
    """
    check_argument("raw", raw, str | os.PathLike, "a path")
    for name, path in (("out", out), ("decisions", decisions), ("topics", topics), ("embedder", embedder)):
        check_argument(name, path, str | os.PathLike | None, "a path")
    for name, flag in (("full", full), ("dry_run", dry_run), ("allow_empty", allow_empty)):
        check_argument(name, flag, bool, "True or False")
    counts = {"max_document_bytes": max_document_bytes, "keep": keep, "keep_runs": keep_runs}
    for name, number in {**counts, "workers": 1 if workers is None else workers}.items():
        check_count(name, number)
    check_argument("tables", tables, str | None, "a form of tables or None")
    check_argument("columns", columns, str | Mapping | None, "text or a mapping")
    check_argument("encoding", encoding, str | Iterable | None, "text, a list or a mapping")
    raw, out = Path(raw), find_out(out)
    if os.path.realpath(raw) == os.path.realpath(out):
        raise OutputIsRaw(raw)
    job = Job(
        raw=raw,
        out=out,
        decisions_file=Path(decisions) if decisions is not None else raw.parent / "decisions.jsonl",
        full=full,
        dry_run=dry_run,
        workers=min(workers or os.cpu_count() or 1, MOST_WORKERS),
        options=ReadOptions(read_columns(columns), max_document_bytes, read_encodings(encoding)),
        topics=Path(topics) if topics is not None else None,
        topics_version=version_of(topics),
        allow_empty=allow_empty,
        progress=progress,
        started=datetime.now(UTC),
        keep=keep,
        keep_runs=keep_runs,
        form=checked_form(tables) or "",
        embedder=Path(embedder) if embedder is not None else None,
        spark=spark_options(engine, master, scratch, conf),
    )
    if job.spark:
        refuse_without_spark()
    return _scan_and_refresh(job) if dry_run else _refresh_locked(job)


def _refresh_locked(job: Job) -> RunLedger:
    """A run that may publish: it holds the lock of `out`, and its result is written there, also where it fails."""
    if not job.raw.is_dir():
        raise RawMissing(job.raw)
    with locked(job.out):
        try:
            ledger = _scan_and_refresh(job)
        except BaseException as err:
            _note_failed(job, err)
            raise
        write_results(job.out, ledger.to_dict())
        return ledger


def _scan_and_refresh(job: Job) -> RunLedger:
    scan, scanned_ns = scan_settled(job.raw, job.out)
    job = replace(
        job,
        scanned_ns=scanned_ns,
        generation=generations.new_id(job.out, job.started),
        form=job.form or generations.newest_form(job.out),
    )
    return refresh(job, scan)


def _note_failed(job: Job, err: BaseException) -> None:
    """Write a failed run to the journal and the results; a full disk must not hide the error itself."""
    ignore_interrupts()
    run = failed_run(job.run_id, job.started, err)
    with suppress(OSError):
        append_run(job.out, run)
    write_results(job.out, run)


def refresh(job: Job, scan: Scan) -> RunLedger:
    """One run after the scan: compare with the published generation, build the new one, publish it."""
    if not scan.files and not job.allow_empty:
        first = scan.rejects[0] if scan.rejects else None
        raise RawEmpty(job.raw, len(scan.rejects), f"{first.uri or '.'}: {first.detail}" if first else "")
    with _open_previous(job) or nullcontext() as previous:
        entries, embedder = read_entries(job.decisions_file), _load_embedder(job)
        if previous is not None and scan.unlisted:
            scan = scan.with_files(previous.unlisted_files(scan, job.raw))
        plan = make_plan(job, scan, previous, _digests(job, entries, embedder))
        if plan.is_up_to_date and not _is_published_in_form(job):
            plan = replace(plan, is_up_to_date=False)  # only a new generation sets the link, or has another form
        if plan.from_scratch:
            if previous is not None and any(map(scan.is_unlisted, previous.files)):
                raise FolderUnlisted(job.raw / scan.unlisted[0])
            if job.options.columns:  # other columns are other rules, so a run with new ones reads everything
                from pipeline.extract.names import refuse_unknown_columns

                refuse_unknown_columns(scan.files, job.options)
        if previous is not None and plan.is_up_to_date and not plan.tags_all:
            return _confirm(job, previous, plan, tuple(_contradictions(job, entries)))
        database = previous.database if previous else None
        thread_bytes = THREAD_BYTES if job.spark is None else SPARK_THREAD_BYTES
        with (
            _importing_build() if not plan.is_up_to_date and not plan.from_scratch else nullcontext(),
            _new_file(job, plan) as path,
            new_generation(path, database, plan.from_scratch, job.workers, thread_bytes) as db,
        ):
            built = _build(job, db, plan, entries, embedder)
            built = replace(built, warnings=(*_contradictions(job, entries), *built.warnings))
            return _publish(job, db, path, plan, built)


def _is_published_in_form(job: Job) -> bool:
    """Whether the link to the published generation has not been removed, and leads to tables in the form of the job."""
    return generations.is_published(job.out) and form_of(generations.published(job.out)) == job.form


@contextmanager
def _importing_build() -> Iterator[None]:
    """Import the stages, .9 s, while the previous generation is copied. The thread has ended when the block has."""
    thread = Thread(target=import_module, args=("pipeline.refresh.build",))
    thread.start()
    try:
        yield
    finally:
        thread.join()


# ---------------------------------------------------------------- compare


def _open_previous(job: Job) -> Previous | None:
    """The published generation; where it is gone, or damaged and `--full` given, the newest whole one.

    Raises `DatabaseDamaged`.
    """
    try:
        previous = open_previous(job.out)
    except DatabaseDamaged:
        if not job.full:
            raise
        previous = None
    return previous or open_newest_whole(job.out)


def _load_embedder(job: Job) -> Any:
    """The sentence-embedding model of the job, with the vectors cached in `out`."""
    if job.embedder is None:
        return None
    from pipeline.duplicates.vector_cache import CachedEmbedder

    return CachedEmbedder(job.embedder, job.out)


def _digests(job: Job, entries: list[Entry], embedder: Any) -> dict[str, Any]:
    """What decides the tables besides the files, as the manifest has it."""
    return {
        "rules": rules_digest(job.options),
        "topics": tagging_digest(job.topics_version),
        "decisions": decisions_digest(entries),
        "embedder": embedder.digest if embedder else "",
        "scanned_ns": job.scanned_ns,
    }


def _confirm(job: Job, previous: Previous, plan: Plan, warnings: tuple[str, ...]) -> RunLedger:
    """Note in the journal that the published tables are up to date; nothing is copied or published."""
    read = stage_counts.read_stage(previous.db, plan.scan, files_read=0)
    built = Built("unchanged", (read,), warnings=warnings)
    ledger = _ledger(job, previous.db, plan, built, previous.manifest.generation)
    if not job.dry_run:
        generations.confirm(job.out, history.finished_run(ledger), job.keep, job.keep_runs)
    return ledger


# ---------------------------------------------------------------- build


def _build(job: Job, db: duckdb.DuckDBPyConnection, plan: Plan, entries: list[Entry], embedder: Any) -> Built:
    """Build the tables that have to be built: all of them, or only the topics."""
    if plan.from_scratch:
        history.copy_history(db)
    if not plan.is_up_to_date:
        from pipeline.refresh.build import build_tables

        built = build_tables(job, db, plan, entries, embedder)
    else:
        from pipeline.refresh.build import rebuild_topics

        read = stage_counts.read_stage(db, plan.scan, files_read=0)
        built = Built("published", (read, rebuild_topics(job, db)))
    db.execute("update qa set last_seen_at = $now", {"now": job.started})
    return built


def _contradictions(job: Job, entries: list[Entry]) -> Iterator[str]:
    if entries:
        from pipeline.duplicates.contradictions import find_contradictions

        for contradiction in find_contradictions(entries):
            yield f"{job.decisions_file}: decisions contradict: {contradiction}"


# ---------------------------------------------------------------- publish


@contextmanager
def _new_file(job: Job, plan: Plan) -> Iterator[Path]:
    """The path of the new generation's file; a dry run leaves nothing behind."""
    if job.dry_run:
        with temporary_file() as path:
            yield path
    else:
        with generations.building(job.out, job.generation, _needed_bytes(job, plan)) as path:
            yield path


def _needed_bytes(job: Job, plan: Plan) -> int:
    """Bytes of free disk space that another generation may need."""
    from pipeline.extract.files import likely_text_bytes

    copied = plan.previous.manifest.bytes if plan.previous is not None and not plan.from_scratch else 0
    needed = _TEXT_SHARE * sum(map(likely_text_bytes, plan.changed)) + _COPY_SHARE * copied
    return _SMALLEST_BYTES + needed * (1 if job.form == FORMS[0] else _PARQUET_SHARE)


def _publish(job: Job, db: duckdb.DuckDBPyConnection, path: Path, plan: Plan, built: Built) -> RunLedger:
    """Publish the finished tables as a new generation, except in a dry run; returns the run's ledger."""
    ledger = _ledger(job, db, plan, built, job.generation)
    if job.dry_run:
        return ledger
    run = history.finished_run(ledger)
    history.write_runs(db, job.out, run, job.keep_runs)
    tables = checksums(db)
    database, parts = _close(job, db, path)
    manifest = {
        "generation": job.generation,
        "created_at": job.started.isoformat(),
        "version": __version__,
        "tables": tables,
        "parts": parts,
        "decisions_file": generations.path_from(job.out, job.decisions_file),
        **plan.digests,
    }
    generations.publish(job.out, database, manifest, run, job.keep, job.keep_runs)
    return ledger


def _close(job: Job, db: duckdb.DuckDBPyConnection, path: Path) -> tuple[Path, dict[str, PartNote]]:
    """Close the finished database; the new generation in the form of the job, and what its Parquet files are."""
    if job.form == FORMS[0]:
        close_generation(db)
        return path, {}
    from pipeline.storage.write_parts import write_parts

    folder = path.with_suffix(f".{job.form}")
    parts = write_parts(db, folder)
    db.close()
    return folder, parts


def _ledger(job: Job, db: duckdb.DuckDBPyConnection, plan: Plan, built: Built, generation: str) -> RunLedger:
    """The ledger of a run over the finished tables in `db`."""
    return RunLedger(
        run_id=job.run_id,
        generation=None if job.dry_run else generation,
        status="dry_run" if job.dry_run else built.status,
        started_at=job.started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        stages=built.stages,
        counts=counts(db, (name for name in tables_in(db) if name != "runs")),
        changes=history.count_changes(db, job.run_id),
        documents_read=built.files_read,
        rejects=tuple(rows(db, "select * from rejects order by uri, stage, reason, detail")),
        warnings=built.warnings,
        embedder=plan.digests["embedder"] or None,
        changed_rows=tuple(history.changes_of(db, job.run_id)) if job.dry_run else (),
    )
