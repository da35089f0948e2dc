"""Reads files on a Spark cluster: each task reads some files or shards, and this machine loads the rows of all tasks.

A task returns its rows as one stream: a row has the name of its `table`, and the columns of that table in a struct of
that name; the structs of the other tables are null. So one pass over the files gives all tables, and Spark writes the
rows of a task in one step, or not at all.
"""

from __future__ import annotations

import glob
import pickle
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain, count
from pathlib import Path
from time import perf_counter

import duckdb
import pyarrow as pa

from pipeline.errors import PipelineError
from pipeline.extract.options import ReadOptions
from pipeline.extract.scan import SourceFile
from pipeline.extract.shards import Shard, cut_shards
from pipeline.ingest.batches import Batch, Ingested, ReadFiles, is_split, map_batches, read_batch
from pipeline.ingest.fit import INGEST_TABLES
from pipeline.limits import BATCH_BYTES, BATCH_FILES
from pipeline.spark.cluster import Cluster
from pipeline.storage import arrow, statements
from pipeline.storage.rules_digest import rules_digest
from pipeline.storage.schema import TABLES

# Bytes of files that one task reads, which are read again when a worker dies: at most 64 MB, about a minute of
# one core; less where that gives fewer than 256 tasks; at least 1 MB. The limit on files keeps its list small.
_MOST_BYTES, _TASKS, _LEAST_BYTES, _MOST_FILES = 64_000_000, 256, 1_000_000, 20_000


class WorkersDiffer(PipelineError):
    """A worker does not see the files, or would read them by other rules."""


def cluster_reader(cluster: Cluster, raw: Path, options: ReadOptions) -> ReadFiles:
    """A function that reads files on a cluster.

    Its workers must see `raw` at the same path and have the same qaledger installed. The function raises what
    `Cluster.map` raises.
    """
    calls = count()

    def read_files(
        db: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], boilerplate: frozenset[str], ingested: Ingested
    ) -> None:
        if not files:
            return
        inputs, tasks = 0, []  # the files of one task at a time with absolute paths
        for task in _tasks(_inputs(files, options), sum(file.bytes for file in files)):
            inputs += len(task)
            tasks.append(pickle.dumps(task))
        kernel = partial(
            task_rows, raw=raw.absolute(), options=options, boilerplate=boilerplate, rules=rules_digest(options)
        )
        folder = cluster.map(tasks, kernel, _schema(), f"documents_{next(calls)}")
        _load(db, folder, inputs, ingested)

    return read_files


def _inputs(files: Sequence[SourceFile], options: ReadOptions) -> Iterator[SourceFile | Shard]:
    """The files in order, a large one in its shards; with absolute paths, which all machines can open."""
    for source in files:
        file = replace(source, path=str(Path(source.path).absolute()))
        shards = cut_shards(file, BATCH_BYTES, BATCH_FILES, options) if is_split(file) else iter(())
        yield from chain([next(shards, file)], shards)


def _tasks(inputs: Iterable[SourceFile | Shard], total: int) -> Iterator[list[SourceFile | Shard]]:
    """Files and shards in order, in tasks of about equal size. total: the bytes of all files."""
    size = min(max(total // _TASKS, _LEAST_BYTES), _MOST_BYTES)
    task: list[SourceFile | Shard] = []
    bytes_ = 0
    for source in inputs:
        task.append(source)
        bytes_ += source.bytes
        if bytes_ >= size or len(task) == _MOST_FILES:
            yield task
            task, bytes_ = [], 0
    if task:
        yield task


# ---------------------------------------------------------------- on a worker


def task_rows(
    tasks: Iterable[pa.RecordBatch], raw: Path, options: ReadOptions, boilerplate: frozenset[str], rules: str
) -> Iterator[pa.RecordBatch]:
    """The rows of the files of each task, with the columns of `_schema`. Raises `WorkersDiffer`."""
    if rules_digest(options) != rules:
        raise WorkersDiffer(f"{socket.gethostname()} has another version of qaledger than the driver; install the same")
    kernel = partial(read_batch, options=options, boilerplate=boilerplate)
    for given in tasks:
        for task in given["task"]:
            inputs: list[SourceFile | Shard] = pickle.loads(task.as_py())
            paths = {source.file.path if isinstance(source, Shard) else source.path: None for source in inputs}
            if not any(Path(path).exists() for path in paths):
                host, path = socket.gethostname(), next(iter(paths))
                raise WorkersDiffer(f"{host} does not see {path}; {raw} must be at this path on every worker")
            for batch in map_batches(kernel, inputs, 1, False, options):
                yield from _stream(batch)
            yield _rows("counted", pa.array([("inputs", len(inputs))], _COUNTED))


def _stream(batch: Batch) -> Iterator[pa.RecordBatch]:
    """The tables of a batch one after the other, and at the end its counts."""
    for name in INGEST_TABLES:
        fields = _fields(name)
        table = batch.tables[name].select([field.name for field in fields]).cast(pa.schema(fields))
        for part in table.combine_chunks().to_batches():
            yield _rows(name, pa.StructArray.from_arrays(part.columns, fields=fields))
    counts = [(f"rows of {name}", batch.tables[name].num_rows) for name in INGEST_TABLES]
    counts += [("dropped", batch.dropped), *((f"seconds of {stage}", took) for stage, took in batch.seconds.items())]
    yield _rows("counted", pa.array(counts, _COUNTED))


def _rows(name: str, values: pa.Array) -> pa.RecordBatch:
    """Rows of one table as rows of the stream."""
    schema = _schema()
    columns = [values if field.name == name else pa.nulls(len(values), field.type) for field in schema]
    columns[0] = pa.array([name] * len(values), pa.string())
    return pa.RecordBatch.from_arrays(columns, schema=schema)


_COUNTED = pa.struct([("what", pa.string()), ("value", pa.float64())])


@cache
def _fields(name: str) -> list[pa.Field]:
    return [pa.field(column, kind) for column, kind in arrow.arrow_types(TABLES[name]).items()]


@cache
def _schema() -> pa.Schema:
    """The columns of the stream: `table`, a struct for each table, and `counted` for the counts of a task."""
    structs = [pa.field(name, pa.struct(_fields(name))) for name in INGEST_TABLES]
    return pa.schema([pa.field("table", pa.string()), *structs, pa.field("counted", _COUNTED)])


# ---------------------------------------------------------------- back on this machine


def _load(db: duckdb.DuckDBPyConnection, folder: Path, inputs: int, ingested: Ingested) -> None:
    """Insert the rows of all tasks, in the order of the files, and add their counts to the sums.

    Raises `ValueError` when a row or a file is missing or came twice: that is our own mistake.
    """
    started = perf_counter()
    sums = dict(statements.answer(db, "spark/counts_of_tasks", parts=_parquet_patterns(folder, "counted")).fetchall())
    found = {"inputs": float(inputs)} | {f"rows of {name}": float(_insert(db, name, folder)) for name in INGEST_TABLES}
    for what, number in found.items():
        if number != sums[what]:
            raise ValueError(f"{what}: {number:,.0f} came back from the cluster, its tasks counted {sums[what]:,.0f}")
    ingested.dropped += int(sums["dropped"])
    for what, value in sums.items():
        if what.startswith("seconds of "):
            ingested.seconds[what.removeprefix("seconds of ")] += value
    ingested.seconds["store"] += perf_counter() - started


def _insert(db: duckdb.DuckDBPyConnection, name: str, folder: Path) -> int:
    """Insert the rows of one table; returns their number."""
    parts = _parquet_patterns(folder, name)
    if not parts:
        return 0
    sql = f'INSERT INTO "{name}" BY NAME SELECT unnest("{name}") FROM read_parquet($parts)'
    return int(db.execute(sql, {"parts": parts}).fetchall()[0][0])


def _parquet_patterns(folder: Path, name: str) -> list[str]:
    """The files of one table, in the order of the tasks, which is the order of their names."""
    return [glob.escape(str(part)) for part in sorted((folder / f"table={name}").glob("*.parquet"))]
