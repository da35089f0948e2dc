"""Files -> tables on a cluster: each task takes in files or shards of one, and this machine loads what they gave.

A task's rows leave it as one stream: a row has the name of its `table`, and the columns of that table in a struct of
that name; the structs of the other tables are null. So one pass over the files makes all tables, and Spark writes
each task's part of them in one step, or not at all.
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
from pipeline.ingest.batches import (
    BATCH_BYTES,
    BATCH_FILES,
    MADE,
    Batch,
    Gathered,
    Read,
    batches,
    is_in_portions,
    take_in_all,
)
from pipeline.spark.cluster import Cluster
from pipeline.storage import frames, statements
from pipeline.storage.rules_digest import rules_digest
from pipeline.storage.schema import TABLES

# Bytes of files that one task takes in, which is what is done again when a worker dies: 64 MB, a minute or so of one
# core, but less where that makes fewer than 256 tasks, and 1 MB at least. Files: so that a task's list stays small.
_MOST, _TASKS, _LEAST, _FILES = 64_000_000, 256, 1_000_000, 20_000

_COUNTED = pa.struct([("what", pa.string()), ("value", pa.float64())])


class WorkersDiffer(PipelineError):
    """A worker does not see the files, or would read them by other rules."""


def read_on(cluster: Cluster, raw: Path, options: ReadOptions) -> Read:
    """Reads files on a cluster, whose workers must see `raw` at the same path and have the same qaledger installed.

    Raises, when it is used, what `Cluster.map` raises.
    """
    times = count()

    def read(
        db: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], furniture: frozenset[str], gathered: Gathered
    ) -> None:
        if not files:
            return
        pieces = list(_pieces(files, options))
        tasks = [pickle.dumps(task) for task in _tasks(pieces)]
        kernel = partial(rows_of, raw=raw.absolute(), options=options, furniture=furniture, rules=rules_digest(options))
        place = cluster.map(tasks, kernel, _schema(), f"documents_{next(times)}")
        _load(db, place, len(pieces), gathered)

    return read


def _pieces(files: Sequence[SourceFile], options: ReadOptions) -> Iterator[SourceFile | Shard]:
    """The files in order, a large one in its shards; their paths hold on every machine that sees the folder."""
    for each in files:
        file = replace(each, path=each.path.absolute())
        cut = cut_shards(file, BATCH_BYTES, BATCH_FILES, options) if is_in_portions(file) else iter(())
        first = next(cut, file)
        yield from chain([first], cut)


def _tasks(pieces: Sequence[SourceFile | Shard]) -> Iterator[list[SourceFile | Shard]]:
    """Files and shards in order, in tasks of about equal size."""
    size = min(max(sum(piece.bytes for piece in pieces) // _TASKS, _LEAST), _MOST)
    task: list[SourceFile | Shard] = []
    held = 0
    for piece in pieces:
        task.append(piece)
        held += piece.bytes
        if held >= size or len(task) == _FILES:
            yield task
            task, held = [], 0
    if task:
        yield task


# ---------------------------------------------------------------- on a worker


def rows_of(
    tasks: Iterable[pa.RecordBatch], raw: Path, options: ReadOptions, furniture: frozenset[str], rules: str
) -> Iterator[pa.RecordBatch]:
    """What is in the files of each task, as rows of `_schema`. Raises `WorkersDiffer`."""
    if rules_digest(options) != rules:
        raise WorkersDiffer(f"{socket.gethostname()} has another version of qaledger; install the driver's on it")
    kernel = partial(take_in_all, options=options, furniture=furniture)
    for given in tasks:
        for task in given["task"]:
            pieces: list[SourceFile | Shard] = pickle.loads(task.as_py())
            paths = {piece.file.path if isinstance(piece, Shard) else piece.path: None for piece in pieces}
            if not any(path.exists() for path in paths):
                host, path = socket.gethostname(), next(iter(paths))
                raise WorkersDiffer(f"{host} does not see {path}; {raw} must be at this place on every worker")
            for batch in batches(kernel, pieces, 1, False, options):
                yield from _stream(batch)
            yield _rows("counted", pa.array([("pieces", len(pieces))], _COUNTED))


def _stream(batch: Batch) -> Iterator[pa.RecordBatch]:
    """A batch's tables one after the other, and at the end what it counts."""
    for name in MADE:
        fields = _fields(name)
        table = batch.rows[name].select([field.name for field in fields]).cast(pa.schema(fields))
        for piece in table.combine_chunks().to_batches():
            yield _rows(name, pa.StructArray.from_arrays(piece.columns, fields=fields))
    counts = [(f"rows of {name}", batch.rows[name].num_rows) for name in MADE]
    counts += [("dropped", batch.dropped), *((f"seconds of {stage}", took) for stage, took in batch.seconds.items())]
    yield _rows("counted", pa.array(counts, _COUNTED))


def _rows(name: str, values: pa.Array) -> pa.RecordBatch:
    """Rows of one table in the stream of all of them."""
    schema = _schema()
    columns = [values if field.name == name else pa.nulls(len(values), field.type) for field in schema]
    columns[0] = pa.array([name] * len(values), pa.string())
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@cache
def _fields(name: str) -> list[pa.Field]:
    return [pa.field(column, kind) for column, kind in frames.arrow_types(TABLES[name]).items()]


_COUNTED = pa.struct([("what", pa.string()), ("value", pa.float64())])


@cache
def _schema() -> pa.Schema:
    """The columns of the stream: `table`, a struct for each table, and `counted`, for what is no row."""
    structs = [pa.field(name, pa.struct(_fields(name))) for name in MADE]
    return pa.schema([pa.field("table", pa.string()), *structs, pa.field("counted", _COUNTED)])


# ---------------------------------------------------------------- back on this machine


def _load(db: duckdb.DuckDBPyConnection, place: Path, pieces: int, gathered: Gathered) -> None:
    """Lay what the tasks wrote into the tables, in the order of the files, and count it in.

    Raises `ValueError` when a row or a file is missing or there twice: that is our own mistake.
    """
    started = perf_counter()
    sums = dict(statements.answer(db, "ingest/spark_counted", parts=_parquet(place, "counted")).fetchall())
    found = {"pieces": float(pieces)} | {f"rows of {name}": float(_insert(db, name, place)) for name in MADE}
    for what, rows in found.items():
        if rows != sums[what]:
            raise ValueError(f"{what}: {rows:,.0f} came back from the cluster, its tasks made {sums[what]:,.0f}")
    gathered.dropped += int(sums["dropped"])
    for what, value in sums.items():
        if what.startswith("seconds of "):
            gathered.seconds[what.removeprefix("seconds of ")] += value
    gathered.seconds["store"] += perf_counter() - started


def _insert(db: duckdb.DuckDBPyConnection, name: str, place: Path) -> int:
    """Add the rows of one table; how many there were."""
    parts = _parquet(place, name)
    if not parts:
        return 0
    sql = f'INSERT INTO "{name}" BY NAME SELECT unnest("{name}") FROM read_parquet($parts)'
    return int(db.execute(sql, {"parts": parts}).fetchall()[0][0])


def _parquet(place: Path, name: str) -> list[str]:
    """What the tasks wrote of one table, in the order of the tasks, which is in the files' names."""
    return [glob.escape(str(part)) for part in sorted((place / f"table={name}").glob("*.parquet"))]
