"""Builds every table of one run. `build_tables` is the order of a run, and the only module that defines it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import duckdb
import pyarrow as pa

from pipeline.duplicates.decisions import Entry, decisions_in_force, figure_decisions
from pipeline.duplicates.stage import Kernel, MapBlocks, RelateAnswers, relate_all, relate_answers
from pipeline.duplicates.vector_cache import CachedEmbedder
from pipeline.errors import LedgerEmptied, RawEmpty
from pipeline.ingest.batches import ReadFiles, documents_to_rows, local_reader
from pipeline.ingest.pool import map_in_processes, rare_garbage_collection
from pipeline.refresh import stage_counts
from pipeline.refresh.plan import Built, Job, Plan
from pipeline.refresh.tag import retag, tag
from pipeline.storage import arrow
from pipeline.storage.build import reduced_resources, sort_tables_of_small_ledger
from pipeline.storage.run_ledger import Stage
from pipeline.storage.statements import count, drop_temp_tables, execute_file, rows
from pipeline.topics.taxonomy import load_taxonomy

# Occurrences whose qa_id is updated, above which a checkpoint follows: this many updates take 5 MB of memory.
MANY_UPDATES = 100_000


def build_tables(
    job: Job,
    db: duckdb.DuckDBPyConnection,
    plan: Plan,
    entries: list[Entry],
    embedder: CachedEmbedder | None,
) -> Built:
    """Build every table of one run, stage by stage; rows that did not change stay as they are.

    1. documents -> rows: documents, occurrences, leftovers, statistics, rejects, files, line_keys  (pipeline.ingest)
    2. rows -> duplicates: related pairs, and which occurrences are one row of qa  (pipeline.duplicates)
    3. qa_id of every occurrence, statistic and orphan  (sql/refresh/10)
    4. topics of every row of qa  (refresh.tag)
    5. qa, and what changed in it; what reviewers decided about figures  (sql/refresh/50 to 90)

    entries: the lines of the decisions file. A stage may order its own steps: see `duplicates.stage.relate_all`.
    Raises `RawEmpty` when no document was read, `LedgerEmptied` when no question was found where there were some.
    """
    with rare_garbage_collection(), _workers(job, db) as workers:
        ingested = documents_to_rows(db, plan.scan, plan.changed, job.started, workers.read_files)
        _refuse_no_document(job, db)
        _refuse_no_question(job, db, plan)
        stages = stage_counts.ingest_stages(db, plan.scan, ingested.files_read)
        clock = Clock(ingested.seconds)
        relate_all(db, decisions_in_force(entries), embedder, workers.map_blocks, relate=workers.relate_answers)
        if embedder and not job.dry_run:
            embedder.save()
        _assign_qa_ids(db)
        clock.lap("duplicates")
        dropped_tags = tag(db, load_taxonomy(job.topics), plan.tags_all, workers.map_blocks)
        clock.lap("topics")
    _write_qa(db, job)
    _write_figure_decisions(db, figure_decisions(entries))
    sort_tables_of_small_ledger(db)
    clock.lap("store")
    stages += stage_counts.table_stages(db, ingested.dropped + dropped_tags)
    return Built(
        status="published",
        stages=tuple(replace(stage, seconds=clock.seconds[stage.stage]) for stage in stages),
        files_read=ingested.files_read,
        warnings=stage_counts.warnings(db),
    )


def rebuild_topics(job: Job, db: duckdb.DuckDBPyConnection) -> Stage:
    """Tag the published rows of qa again, where nothing but the taxonomy changed; the ledger's line on it."""
    clock = Clock(defaultdict(float))
    stage = retag(db, load_taxonomy(job.topics))
    sort_tables_of_small_ledger(db)
    clock.lap("topics")
    return replace(stage, seconds=clock.seconds["topics"])


def _refuse_no_document(job: Job, db: duckdb.DuckDBPyConnection) -> None:
    if not count(db, "documents") and not job.allow_empty:
        first = rows(db, "select uri, detail from rejects order by uri, stage, reason, detail limit 1")[0]
        raise RawEmpty(job.raw, count(db, "rejects"), "{uri}: {detail}".format_map(first))


def _refuse_no_question(job: Job, db: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Raises `LedgerEmptied` where no question was found and the published tables have some."""
    if plan.previous is None or job.allow_empty or count(db, "occurrences"):
        return
    if published := count(plan.previous.db, "qa"):
        raise LedgerEmptied(job.raw, published)


def _assign_qa_ids(db: duckdb.DuckDBPyConnection) -> None:
    """Set the qa_id of occurrences, statistics and leftovers. Keeps tables `members` and `affected_qa_ids`."""
    execute_file(db, "refresh/05_occurrences_read_again")
    execute_file(db, "refresh/10_affected_qa_ids")
    if count(db, "moved_occurrences") > MANY_UPDATES:
        db.execute("checkpoint")  # updated rows stay in memory until then
    # With 1 GB of text the other temporary tables take 5 GB of disk.
    drop_temp_tables(db, keep=("members", "affected_qa_ids"))


def _write_qa(db: duckdb.DuckDBPyConnection, job: Job) -> None:
    """Write the rows of qa that changed, and the changes."""
    execute_file(db, "refresh/50_qa_continuations")
    execute_file(db, "refresh/60_affected_qa", now=job.started)
    execute_file(db, "refresh/70_changes", run_id=job.run_id)
    execute_file(db, "refresh/80_replace_changed_qa")


def _write_figure_decisions(db: duckdb.DuckDBPyConnection, entries: list[Entry]) -> None:
    """Write table figure_decisions: what reviewers decided about figures that are in the sources now."""
    rows = [(one.a_key, one.b_key, one.verdict, one.reviewer, one.note) for one in entries]
    names = ("figure_key", "reading_key", "decision", "decided_by", "note")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}
    arrow.create_temp_table(db, "decided_figures", pa.table(arrays))
    execute_file(db, "ledger/figure_keys")
    execute_file(db, "refresh/90_figure_decisions")
    db.execute("drop view figure_keys")


# ---------------------------------------------------------------- who does the work


@dataclass(frozen=True)
class Workers:
    """Who does the work on single files and on blocks of rows: processes of this machine, or a Spark cluster."""

    read_files: ReadFiles
    map_blocks: MapBlocks
    relate_answers: RelateAnswers = relate_answers


@contextmanager
def _workers(job: Job, db: duckdb.DuckDBPyConnection) -> Iterator[Workers]:
    """The workers of a run; they end with the block."""
    map_blocks: MapBlocks = map if job.workers == 1 else partial(_map_in_processes, db, job.workers)
    if job.spark is None:
        yield Workers(local_reader(job.workers, job.progress, job.options), map_blocks)
        return
    from pipeline.spark.answers import cluster_relater
    from pipeline.spark.blocks import cluster_mapper
    from pipeline.spark.cluster import cluster_of
    from pipeline.spark.documents import cluster_reader

    with cluster_of(job.spark, job.out, job.run_id, job.dry_run, job.progress) as cluster:
        yield Workers(
            cluster_reader(cluster, job.raw, job.options), cluster_mapper(cluster, map_blocks), cluster_relater(cluster)
        )


def _map_in_processes(
    db: duckdb.DuckDBPyConnection, workers: int, kernel: Kernel, blocks: Iterable[pa.Table], /
) -> Iterator[pa.Table]:
    with reduced_resources(db):
        yield from map_in_processes(kernel, blocks, workers)


class Clock:
    """Seconds of wall time by stage; `lap` adds the time since the last lap to a stage."""

    def __init__(self, seconds: defaultdict[str, float]) -> None:
        self.seconds = seconds
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Add the time since the last lap, or since the start, to this stage."""
        now = time.perf_counter()
        self.seconds[stage] += now - self._last
        self._last = now
