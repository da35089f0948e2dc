"""The whole run on one screen; the only module that knows the order.

scan -> begin (a copy of what is published) -> gather (read, parse, figures: what changed, each document alone)
-> duplicates -> tag -> qa -> publish
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from pipeline import __version__, gather, generations, history, store
from pipeline.account import RunLedger, Stage
from pipeline.aftermath import write_results
from pipeline.contradictions import find_contradictions
from pipeline.decisions import decisions_digest, decisions_of, read_entries
from pipeline.duplicates import Decision, Relations, relate
from pipeline.duplicates.vectors import RememberingEmbedder
from pipeline.errors import DatabaseDamaged, RawEmpty, RawMissing
from pipeline.generations import KEEP
from pipeline.intake import identify
from pipeline.journal import KEEP_RUNS, append_run
from pipeline.lock import locked, pass_over_interruptions
from pipeline.options import MAX_DOCUMENT_BYTES, ReadOptions, read_columns
from pipeline.previous import Previous, previous, rules_digest, tagging_digest
from pipeline.read import Scan, SourceFile, scan_settled
from pipeline.schema import TABLES, empty, records, sift
from pipeline.topics import tag_table, topic_table
from pipeline.topics.retag import retag
from pipeline.topics.taxonomy import Taxonomy, load_taxonomy

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
    taxonomy: Taxonomy
    allow_empty: bool
    progress: bool
    started: datetime
    keep: int = KEEP
    keep_runs: int = KEEP_RUNS
    embedder: Path | None = None
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
    topics: str | os.PathLike[str] | None = None,
    embedder: str | os.PathLike[str] | None = None,
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
    `topics` is the taxonomy file, by default the one of the package; where only it has changed, the published rows are
    tagged again and nothing is read.
    `embedder` is the folder of a local sentence-embedding model that finds more questions that ask the same; nothing
    is downloaded, its vectors are kept in `out`, and another model makes the duplicates anew and reads nothing.
    The same input gives the same tables, whatever `workers`.

    Raises `RawMissing`, `RawEmpty`, `BadQuery` (columns), `TaxonomyInvalid` (topics), `EmbedderUnusable`,
    `OutputUnusable`, `DiskFull`, `RunLocked`, `DatabaseNewer` or `DatabaseDamaged`; the published database is then
    still the last good one.
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
        load_taxonomy(topics),
        allow_empty,
        progress,
        datetime.now(UTC),
        keep,
        keep_runs,
        Path(embedder) if embedder is not None else None,
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
    embedder = RememberingEmbedder(job.embedder, job.out) if job.embedder else None
    marks = {
        "rules": rules_digest(job.options),
        "topics": tagging_digest(job.taxonomy.version),
        "decisions": decisions_digest(decisions),
        "embedder": embedder.digest if embedder else "",
        "scanned_ns": job.scanned_ns,
    }
    afresh = before is None or job.full or before.manifest.rules != marks["rules"]
    changed = [file for file in found.files if afresh or not before or not before.is_unchanged(file)]
    is_retagged = before is not None and before.manifest.topics != marks["topics"]
    published = before.database if before else None
    with _place(job, before) as place, store.writing(place, published, afresh) as db:
        if before and not changed and _is_all_the_same(before, found, marks):
            made = _again(job, db, found, is_retagged)
        else:
            made = _made(job, db, found, changed, decisions, embedder, afresh, is_retagged)
        made = replace(made, warnings=(*warnings, *made.warnings))
        return _publish(job, db, place, made, before, marks)


@dataclass(frozen=True)
class Made:
    """What came of making the tables: the ledger's lines, how many files were read, and what deserves a look."""

    status: str
    stages: tuple[Stage, ...]
    files_read: int = 0
    warnings: tuple[str, ...] = ()


def _again(job: Job, db: duckdb.DuckDBPyConnection, found: Scan, is_retagged: bool) -> Made:
    """The published tables once more, with this run's time and perhaps other topics: nothing has to be read."""
    db.execute("update qa set last_seen_at = $now", {"now": job.started})
    read = gather.read_stage(found, db, len(found.files))
    if not is_retagged:
        return Made("unchanged", (read,))
    clock = Clock(defaultdict(float))
    topics = retag(db, job.taxonomy)
    store.put_in_order(db)
    clock.note("topics")
    return Made("published", (read, replace(topics, seconds=clock.seconds["topics"])))


def _made(
    job: Job,
    db: duckdb.DuckDBPyConnection,
    found: Scan,
    changed: list[SourceFile],
    decisions: list[Decision],
    embedder: RememberingEmbedder | None,
    afresh: bool,
    is_retagged: bool,
) -> Made:
    """Bring every table up to what was found; rows that need not move stay where they are."""
    read = gather.read_here(job.workers, job.progress, job.options)
    gathered = gather.gather(db, found, changed, job.started, read)
    if not store.count(db, "documents") and not job.allow_empty:
        rejects = records(store.read_table(db, "rejects"))
        raise RawEmpty(job.raw, len(rejects), "{uri}: {detail}".format_map(rejects[0]))
    stages = [gather.read_stage(found, db, len(found.files) - gathered.files_read)]
    stages += [*gather.records_stage(found, db), gather.parse_stage(db), gather.figures_stage(db)]
    clock = Clock(gathered.seconds)
    dropped = gathered.dropped + deduplicate(db, decisions, embedder)
    if embedder and not job.dry_run:
        embedder.keep()
    clock.note("duplicates")
    dropped += tag(db, job.taxonomy, afresh or is_retagged)
    clock.note("topics")
    store.run(db, "links")
    store.run(db, "made", now=job.started)
    history.note_changes(db, job.run_id, afresh)
    store.run(db, "qa")
    store.put_in_order(db)
    clock.note("store")
    stages += [duplicates_stage(db), topics_stage(db), store_stage(db, dropped)]
    return Made(
        "published",
        tuple(replace(stage, seconds=clock.seconds[stage.stage]) for stage in stages),
        gathered.files_read,
        gather.warnings(db),
    )


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


class Clock:
    """Seconds of wall time by stage; `note` adds the time since the last note to a stage."""

    def __init__(self, seconds: defaultdict[str, float]) -> None:
        self.seconds = seconds
        self._last = time.perf_counter()

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] += now - self._last
        self._last = now


def _previous(job: Job) -> Previous | None:
    """What is published; with `--full` a damaged database counts as none."""
    try:
        return previous(job.out)
    except DatabaseDamaged:
        if not job.full:
            raise
        return None


def _is_all_the_same(before: Previous, found: Scan, marks: dict[str, Any]) -> bool:
    """Whether a run would make the very tables that are published, but perhaps for their topics."""
    return (
        {file.uri for file in found.files} == set(before.files)
        and {reject.uri for reject in found.rejects} == before.refused
        and all(getattr(before.manifest, name) == marks[name] for name in ("rules", "decisions", "embedder"))
    )


# ---------------------------------------------------------------- duplicates, topics


_COMPARED = "occurrence_id, document_id, question_key, answer, answer_key, is_answered, is_truncated"


def deduplicate(
    db: duckdb.DuckDBPyConnection, decisions: list[Decision], embedder: RememberingEmbedder | None = None
) -> int:
    """Fill `duplicates` and every `qa_id`; how many pairs did not fit their table.

    Leaves the frame `members` for queries: occurrence_id, canonical_occurrence_id, qa_id, question_id.
    """
    occurrences = store.frame_of(db.sql(f"select {_COMPARED} from occurrences"))
    leftovers = store.frame_of(db.sql("select leftover_id, role, text from leftovers where role = 'orphan_answer'"))
    related = relate(occurrences, leftovers, decisions, embedder) if len(occurrences) else _NOTHING_RELATED
    members = related.members.merge(related.questions, on="canonical_occurrence_id", validate="many_to_one")
    ids = _qa_ids(occurrences, members["canonical_occurrence_id"])
    db.register("members", members.assign(qa_id=members["canonical_occurrence_id"].map(ids)))
    orphans = related.orphans.assign(qa_id=related.orphans["canonical_occurrence_id"].map(ids).astype("str"))
    db.register("orphans", orphans)
    store.run(db, "rows_of_qa")
    db.execute("delete from duplicates")
    return _add(db, "duplicates", related.pairs)


def _without_a_row(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in names})


_NOTHING_RELATED = Relations(
    pairs=empty(TABLES["duplicates"]),
    members=_without_a_row("occurrence_id", "canonical_occurrence_id"),
    orphans=_without_a_row("leftover_id", "canonical_occurrence_id"),
    questions=_without_a_row("canonical_occurrence_id", "question_id"),
)


def _qa_ids(occurrences: pd.DataFrame, canonical: pd.Series) -> dict[str, str]:
    """The qa_id of each canonical occurrence: from its question's and its answer's key.

    Rows that people hold apart though their keys are equal are told apart by rank, in order of id.
    """
    rows = occurrences[occurrences["occurrence_id"].isin(canonical)].sort_values("occurrence_id")
    answer = rows["answer_key"].fillna("")
    rank = rows.assign(answer=answer).groupby(["question_key", "answer"]).cumcount()
    return {
        occurrence_id: identify("qa_", *keys, *([str(again)] if again else []))
        for occurrence_id, again, *keys in zip(rows["occurrence_id"], rank, rows["question_key"], answer, strict=True)
    }


def tag(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy, afresh: bool) -> int:
    """Fill `topics` and `qa_topics`, by the wording that stands for each row of qa; how many tags did not fit.

    The tags of a wording that is published already stay, unless all are made `afresh`.
    """
    store.run(db, "wordings")
    if afresh:
        db.execute("update wordings set is_published = false")
    db.execute("delete from qa_topics where qa_id not in (select qa_id from wordings where is_published)")
    new = store.frame_of(db.sql("select qa_id, question, answer from wordings where not is_published order by qa_id"))
    db.execute("delete from topics")
    store.write(db, "topics", topic_table(taxonomy))
    return _add(db, "qa_topics", tag_table(new, taxonomy))


def _add(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> int:
    """Add rows that no other row points to; one that does not fit its table is a reject. How many did not fit."""
    rows = frame.reset_index(drop=True)
    fitting, failures = sift(TABLES[name], rows)
    store.insert(db, name, store.to_arrow(TABLES[name], fitting))
    for failure in records(failures.drop_duplicates("index")):
        detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this row"
        sample = str(rows.iloc[int(failure["index"])].iloc[0])
        db.execute("insert into rejects values ('', 'store', 'schema', ?, ?)", [detail, sample])
    return len(rows) - len(fitting)


# ---------------------------------------------------------------- the ledger's lines


def duplicates_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Occurrences in; one for each row of qa is kept, the others repeat it."""
    reasons = {row["reason"]: row["rows"] for row in records(store.query(db, "merge_reasons"))}
    note = f"{store.count(db, 'duplicates'):,} related pairs"
    return Stage("duplicates", "occurrences", store.count(db, "occurrences"), store.count(db, "qa"), reasons, note=note)


def topics_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Rows of qa in; every one is looked at."""
    rows = store.count(db, "qa")
    tags, tagged = db.execute("select count(*), count(distinct qa_id) from qa_topics").fetchall()[0]
    return Stage("topics", "qa rows", rows, rows, note=f"{tags:,} tags, {rows - tagged:,} without one")


def store_stage(db: duckdb.DuckDBPyConnection, dropped: int) -> Stage:
    """Rows of every table in; one that does not fit its schema is a row of rejects instead."""
    kept = sum(store.count(db, name) for name in TABLES if name != "runs")
    return Stage("store", "rows", kept + dropped, kept, {"schema": dropped} if dropped else {})


# ---------------------------------------------------------------- publishing


def _publish(
    job: Job,
    db: duckdb.DuckDBPyConnection,
    place: Path,
    made: Made,
    before: Previous | None,
    marks: dict[str, Any],
) -> RunLedger:
    """Make the finished tables the published generation; in a dry run only say what it would be."""
    changed = history.changes_of(db, job.run_id)
    ledger = RunLedger(
        run_id=job.run_id,
        generation=None if job.dry_run else job.generation,
        status="dry_run" if job.dry_run else made.status,
        started_at=job.started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        stages=made.stages,
        counts={name: store.count(db, name) for name in TABLES if name != "runs"},
        changes=dict(sorted(Counter(row["change"] for row in changed).items())),
        documents_read=made.files_read,
        rejects=tuple(records(store.read_table(db, "rejects"))),
        warnings=made.warnings,
        embedder=marks["embedder"] or None,
        changed_rows=tuple(changed),
    )
    if job.dry_run:
        return ledger
    runs = history.runs(job.out, before, history.published_run(ledger), job.keep_runs)
    db.execute("delete from runs")
    store.write(db, "runs", runs)
    db.execute("delete from changes where run_id not in (select run_id from runs)")
    manifest = {
        "generation": job.generation,
        "created_at": job.started.isoformat(),
        "version": __version__,
        "tables": store.close_for_good(db, place),
        **marks,
    }
    generations.publish(job.out, place, manifest, history.published_run(ledger), job.keep, job.keep_runs)
    return ledger
