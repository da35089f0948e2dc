"""Runs the SQL of one machine on the workers of a Spark cluster, step by step; each step has all rows of its keys.

A file of `sql/duplicates` joins rows by one key. So it gives the same on a part of its tables that has all rows of its
keys. A step runs such files, and kernels, in a DuckDB in the memory of a worker; then Spark moves the rows to the
buckets of the next key. What each step runs is declared (`answers.py`); this module knows no table.

The tables that a chain of steps starts from lie in the scratch folder, in files by number, and the bucket of a number
is the file that its row is in. So a worker reads the rows of its own bucket from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.duplicates.stage import Kernel, run_kernel
from pipeline.spark.blocks import append_rows, from_bytes, read_appended, read_results, to_bytes
from pipeline.spark.cluster import Cluster
from pipeline.storage import arrow, build, statements

# Rows of one table for one bucket, as an Arrow stream.
_PIECE = pa.schema([("table", pa.string()), ("bucket", pa.int32()), ("result", pa.binary())])

Pieces = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class MapRows:
    """Inserts the results of a kernel for the rows of a temporary table into a table of the cache."""

    kernel: Kernel
    source: str
    target: str


@dataclass(frozen=True)
class Step:
    """What a worker does with the rows of one bucket.

    reads: tables of the scratch folder; these, and what the step before sent, are there before it runs. runs: files of
    `sql`, and kernels, in this order. sends: tables for the next step; the rows of table x are those of `x_to_send`,
    whose column `bucket` says where each goes. keeps: tables for the driver.
    """

    runs: tuple[str | MapRows, ...]
    reads: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """What every step has to know: the scratch folder, how many files of how many rows there are, and statements that
    set the variables of the driver."""

    folder: Path
    files: int
    file_rows: int
    variables: tuple[str, ...]

    def read(self, table: str, bucket: int) -> pa.Table:
        """The rows of a bucket."""
        return read_appended(self._path(table, bucket))

    def write(self, db: duckdb.DuckDBPyConnection, *tables: str) -> None:
        """Write the rows of tables with a column `number` to a file for each bucket, block by block, in any order."""
        for table in tables:
            numbered = db.sql(f"select *, number // {self.file_rows} as bucket from {table}")
            rows = numbered.to_arrow_reader(arrow.BLOCK_ROWS)
            for bucket in range(self.files):
                append_rows(rows.schema.empty_table().drop_columns("bucket"), self._path(table, bucket))
            for batch in rows:
                for bucket, part in _by_bucket(pa.Table.from_batches([batch]).sort_by("bucket")):
                    append_rows(part, self._path(table, bucket))

    def _path(self, table: str, bucket: int) -> Path:
        return self.folder / f"{table}_{bucket}.arrow"


def run_steps(
    db: duckdb.DuckDBPyConnection, cluster: Cluster, name: str, steps: Sequence[Step], inputs: Inputs
) -> None:
    """Run the steps on a cluster, and insert what they keep into the tables of the cache, or into new temporary ones.

    Raises what `Cluster.map` raises.
    """
    first, *then = (partial(run_step, steps=steps, number=number, inputs=inputs) for number in range(len(steps)))
    folder = cluster.map([str(bucket).encode() for bucket in range(inputs.files)], first, _PIECE, name, then)
    for table in _kept(steps):
        with build.one_transaction(db):
            for number, rows in enumerate(read_results(folder, inputs.files, table)):
                if number == 0 and not table.startswith("cache."):
                    arrow.create_temp_table(db, table, rows)
                else:
                    arrow.insert(db, table, rows)


def _kept(steps: Sequence[Step]) -> list[str]:
    return [table for step in steps for table in step.keeps]


# ---------------------------------------------------------------- on a worker


def run_step(given: Iterable[pa.RecordBatch], steps: Sequence[Step], number: int, inputs: Inputs) -> Pieces:
    """Run a step on a bucket: the pieces that it sends, and in the bucket itself those that it and others before keep.

    given: the tasks, each the number of a bucket, for the first step; else the pieces of one bucket.
    """
    if number == 0:
        for tasks in given:
            for task in tasks["task"]:
                yield from _run(steps[0], int(task.as_py()), {}, inputs)
        return
    bucket, tables = _received(given)
    for table in _kept(steps[:number]):
        yield _piece(table, bucket, tables.pop(table))
    yield from _run(steps[number], bucket, tables, inputs)


def _run(step: Step, bucket: int, received: dict[str, pa.Table], inputs: Inputs) -> Pieces:
    with _database(inputs, bucket) as db:
        for table in step.reads:
            db.register(table, inputs.read(table, bucket))
        while received:
            arrow.create_temp_table(db, *received.popitem())
        for run in step.runs:
            if isinstance(run, str):
                statements.execute_file(db, run)
            else:
                run_kernel(db, run.kernel, run.source, run.target, map)
        for table in step.sends:
            yield from _in_buckets(table, db.sql(f"from {table}_to_send"), bucket)
        for table in step.keeps:
            yield _piece(table, bucket, db.sql(f"from {table}").to_arrow_table())


@contextmanager
def _database(inputs: Inputs, bucket: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the variables of the driver, and those that say where rows belong."""
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        build.set_bounds(db, Path(folder))
        for setting in inputs.variables:
            db.execute(setting)
        for name, value in {"files": inputs.files, "file_rows": inputs.file_rows, "bucket": bucket}.items():
            db.execute(f"set variable {name} = {value}")
        statements.execute_file(db, "duplicates/00_missing_cache_tables")
        yield db


def _in_buckets(table: str, rows: duckdb.DuckDBPyRelation, own: int) -> Pieces:
    """Rows in pieces by their bucket; one without rows for the own bucket, so that each runs and knows the columns."""
    reader = rows.order("bucket").to_arrow_reader(arrow.BLOCK_ROWS)
    yield _piece(table, own, reader.schema.empty_table().drop_columns("bucket"))
    for batch in reader:
        for bucket, part in _by_bucket(pa.Table.from_batches([batch])):
            yield _piece(table, bucket, part)


def _by_bucket(rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The buckets of rows that are sorted by bucket, each with its rows."""
    buckets, starts = np.unique(rows["bucket"].to_numpy(), return_index=True)
    rows = rows.drop_columns("bucket")
    for bucket, (start, end) in zip(buckets.tolist(), pairwise([*starts.tolist(), len(rows)]), strict=True):
        yield bucket, rows.slice(start, end - start)


def _piece(table: str, bucket: int, rows: pa.Table) -> pa.RecordBatch:
    cells = ([table], [bucket], [to_bytes(rows)])
    return pa.record_batch([pa.array(cell, field.type) for cell, field in zip(cells, _PIECE, strict=True)], _PIECE)


def _received(pieces: Iterable[pa.RecordBatch]) -> tuple[int, dict[str, pa.Table]]:
    """The bucket, and its tables. Raises `ValueError` when pieces are of several buckets: that is our own mistake."""
    buckets: set[int] = set()
    tables: defaultdict[str, list[pa.Table]] = defaultdict(list)
    for batch in pieces:
        buckets.update(batch["bucket"].to_pylist())
        for table, cell in zip(batch["table"].to_pylist(), batch["result"], strict=True):
            tables[table].append(from_bytes(cell))
    (bucket,) = buckets
    return bucket, {name: pa.concat_tables(parts) for name, parts in tables.items()}
