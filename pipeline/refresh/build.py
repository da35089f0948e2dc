"""The tables, brought up to what was found; the only module that knows the order.

gather (read, parse, figures: what changed, each document alone) -> duplicates -> tag -> qa
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.duplicates import Decision, relate_all
from pipeline.duplicates.stage import WORTH_A_POOL, Each, Kernel
from pipeline.duplicates.vector_cache import RememberingEmbedder
from pipeline.errors import RawEmpty
from pipeline.extract.scan import Scan, SourceFile
from pipeline.ingest import batches
from pipeline.ingest.pool import in_processes
from pipeline.refresh import stage_counts
from pipeline.refresh.plan import Job, Made
from pipeline.refresh.tag import retag
from pipeline.run_ledger import Stage
from pipeline.storage import build, frames, statements
from pipeline.storage.schema import TABLES, records, sift
from pipeline.topics import tag_table, topic_table
from pipeline.topics.tagging import build_prefilters
from pipeline.topics.taxonomy import Taxonomy, load_taxonomy

MANY = 100_000  # rows whose qa_id is another; as updates they take 5 MB of memory


def make(
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
    taxonomy = load_taxonomy(job.topics)
    with _engine(job, db) as engine:
        gathered = batches.gather(db, found, changed, job.started, engine.read)
        _refuse_nothing(job, db)
        stages = [stage_counts.read_stage(found, db, len(found.files) - gathered.files_read)]
        stages += [*stage_counts.records_stage(found, db), stage_counts.parse_stage(db), stage_counts.figures_stage(db)]
        clock = Clock(gathered.seconds)
        deduplicate(db, decisions, embedder, engine.each)
        if embedder and not job.dry_run:
            embedder.keep()
        clock.note("duplicates")
        dropped = gathered.dropped + tag(db, taxonomy, afresh or is_retagged, engine.each)
        clock.note("topics")
    statements.execute_file(db, "refresh/links")
    statements.execute_file(db, "refresh/made", now=job.started)
    statements.execute_file(db, "refresh/changes", run_id=job.run_id)
    statements.execute_file(db, "refresh/qa")
    frames.sort_small_tables(db)
    clock.note("store")
    stages += [stage_counts.duplicates_stage(db), stage_counts.topics_stage(db), stage_counts.store_stage(db, dropped)]
    return Made(
        "published",
        tuple(replace(stage, seconds=clock.seconds[stage.stage]) for stage in stages),
        gathered.files_read,
        stage_counts.warnings(db),
    )


def _refuse_nothing(job: Job, db: duckdb.DuckDBPyConnection) -> None:
    if not statements.count(db, "documents") and not job.allow_empty:
        first = statements.rows(db, "select uri, detail from rejects order by uri, stage, reason, detail limit 1")[0]
        raise RawEmpty(job.raw, statements.count(db, "rejects"), "{uri}: {detail}".format_map(first))


@dataclass(frozen=True)
class Engine:
    """What carries out the work on single files, texts and pairs of texts: processes of this machine, or a cluster."""

    read: batches.Read
    each: Each


@contextmanager
def _engine(job: Job, db: duckdb.DuckDBPyConnection) -> Iterator[Engine]:
    """What carries out the work of a run; it is gone afterwards."""
    each: Each = map if job.workers == 1 else partial(_in_processes_beside, db, job.workers)
    if job.spark is None:
        yield Engine(batches.read_here(job.workers, job.progress, job.options), each)
        return
    from pipeline.spark.blocks import each_on
    from pipeline.spark.cluster import cluster_of
    from pipeline.spark.documents import read_on

    with cluster_of(job.spark, job.out, job.run_id, job.dry_run, job.progress) as cluster:
        yield Engine(read_on(cluster, job.raw, job.options), each_on(cluster, each))


def _in_processes_beside(
    db: duckdb.DuckDBPyConnection, workers: int, kernel: Kernel, blocks: Iterable[pa.Table], /
) -> Iterator[pa.Table]:
    with build.reduced_resources(db):
        yield from in_processes(kernel, blocks, workers)


def make_topics(job: Job, db: duckdb.DuckDBPyConnection) -> Stage:
    """The topics of the rows of qa as they stand, where nothing else has changed; the ledger's line on it."""
    clock = Clock(defaultdict(float))
    topics = retag(db, load_taxonomy(job.topics))
    frames.sort_small_tables(db)
    clock.note("topics")
    return replace(topics, seconds=clock.seconds["topics"])


class Clock:
    """Seconds of wall time by stage; `note` adds the time since the last note to a stage."""

    def __init__(self, seconds: defaultdict[str, float]) -> None:
        self.seconds = seconds
        self._last = time.perf_counter()

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] += now - self._last
        self._last = now


# ---------------------------------------------------------------- duplicates, topics


def deduplicate(
    db: duckdb.DuckDBPyConnection, decisions: list[Decision], embedder: RememberingEmbedder | None, each: Each
) -> None:
    """Fill `duplicates` and every `qa_id`. Leaves the temporary tables `members` and `affected` for queries."""
    relate_all(db, decisions, embedder, each)
    statements.execute_file(db, "refresh/rows_of_qa")
    if statements.count(db, "moved") > MANY:
        db.execute("checkpoint")  # what was updated stays in memory until then
    statements.drop_temp_tables(db, keep=("members", "affected"))  # of 1 GB of text the others take 5 GB of disk


def tag(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy, afresh: bool, each: Each) -> int:
    """Fill `topics` and `qa_topics`, by the wording that stands for each row of qa; how many tags did not fit.

    The tags of a wording that is published already stay, unless all are made `afresh`.
    """
    if afresh:
        db.execute("insert into affected select distinct qa_id from members anti join affected using (qa_id)")
    statements.execute_file(db, "refresh/wordings")
    if afresh:
        db.execute("update wordings set is_published = false")
    statements.execute_file(db, "refresh/untagged")
    db.execute("delete from topics")
    frames.write(db, "topics", topic_table(taxonomy))
    statements.execute_file(db, "refresh/wordings_to_tag")
    kernel, dropped = partial(tag_block, taxonomy=taxonomy), 0
    is_much = statements.count(db, "to_tag") >= WORTH_A_POOL
    if is_much:
        build_prefilters(taxonomy)
    with build.one_transaction(db):
        for made in (each if is_much else map)(kernel, frames.blocks(db, "to_tag")):
            misfits = made.filter(pc.field("misfit").is_valid())
            frames.insert(db, "qa_topics", made.filter(pc.field("misfit").is_null()).drop_columns("misfit"))
            for tag in misfits.select(["misfit", "qa_id"]).to_pylist():
                db.execute("insert into rejects values ('', 'store', 'schema', $misfit, $qa_id)", tag)
            dropped += len(misfits)
    db.execute("drop table to_tag")
    return dropped


def tag_block(qa: pa.Table, taxonomy: Taxonomy) -> pa.Table:
    """The tags of rows of qa (qa_id, question, answer); `misfit` says what is wrong with one that does not fit."""
    rows = tag_table(frames.to_frame(qa), taxonomy)
    fitting, failures = sift(TABLES["qa_topics"], rows)
    made = frames.to_arrow(TABLES["qa_topics"], fitting)
    told = [
        {
            "qa_id": str(rows["qa_id"].iloc[int(failure["index"])]),
            "misfit": f"qa_topics.{failure['column']} does not fit: {failure['check']}; please report this row",
        }
        for failure in records(failures.drop_duplicates("index"))
    ]
    misfits = pa.Table.from_pylist(told, pa.schema({"qa_id": pa.string(), "misfit": pa.string()}))
    return pa.concat_tables([made, misfits], promote_options="default")
