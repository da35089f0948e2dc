"""Maps kernels over blocks of rows on a Spark cluster: answers to sign, pairs to compare.

A block goes to the workers as an Arrow file in the scratch folder, and the result of the kernel comes back as a cell of
bytes: Spark has no type for some of its columns (unsigned hashes).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, count, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.duplicates.stage import Kernel, MapBlocks
from pipeline.spark.cluster import Cluster

# Blocks from which the cluster is used; a job on it costs some 3 s of one core, a block of 10,000 texts 1 to 5 s.
MIN_BLOCKS = 8

_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")
_SCHEMA = pa.schema([("table", pa.string()), ("result", pa.binary())])


def cluster_mapper(cluster: Cluster, map_here: MapBlocks, min_blocks: int = MIN_BLOCKS) -> MapBlocks:
    """A function that maps a kernel over blocks: on a cluster when there are enough of them, else with `map_here`.

    The function raises what `Cluster.map` raises.
    """
    calls = count()

    def map_blocks(kernel: Kernel, blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        rest = iter(blocks)
        first = deque(islice(rest, min_blocks))
        if len(first) < min_blocks:
            yield from map_here(kernel, first)
            return
        name = f"blocks_{next(calls)}"
        inputs = cluster.folder(f"{name}_inputs")
        tasks = []
        for number, block in enumerate(chain(_drain(first), rest)):
            tasks.append(bytes(inputs / f"{number}.arrow"))
            append_rows(block, inputs / f"{number}.arrow")
        yield from read_results(cluster.map(tasks, partial(run_tasks, kernel=kernel), _SCHEMA, name), len(tasks))

    return map_blocks


def _drain(blocks: deque[pa.Table]) -> Iterator[pa.Table]:
    """The blocks in order; those that were taken are not held any more."""
    while blocks:
        yield blocks.popleft()


def read_results(folder: Path, expected: int, table: str = "result") -> Iterator[pa.Table]:
    """The results that a job wrote for a table, each once.

    Raises `ValueError` at the end if there are not as many as expected.
    """
    results = 0
    for part in sorted((folder / f"table={table}").glob("*.parquet")):
        for cell in pq.ParquetFile(part).iter_batches(batch_size=1, columns=["result"]):
            yield from_bytes(cell["result"][0])
            results += 1
    if results != expected:
        raise ValueError(f"{results:,} of {expected:,} blocks came back from the cluster")


def append_rows(rows: pa.Table, path: Path) -> None:
    """Append rows to a file, which need not exist; `read_appended` reads all of them."""
    with path.open("ab") as file:
        file.write(to_bytes(rows))


def read_appended(path: Path) -> pa.Table:
    """The rows of a file that `append_rows` wrote."""
    with pa.OSFile(str(path)) as file:
        parts = []
        while file.tell() < file.size():
            parts.append(pa.ipc.open_stream(file).read_all())
    return pa.concat_tables(parts)


def to_bytes(rows: pa.Table) -> bytes:
    """Rows as one cell of a column, for `from_bytes`."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=_COMPRESSED) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def from_bytes(cell: pa.BinaryScalar) -> pa.Table:
    """The rows of a cell."""
    return pa.ipc.open_stream(cell.as_buffer()).read_all()


def run_tasks(tasks: Iterable[pa.RecordBatch], kernel: Kernel) -> Iterator[pa.RecordBatch]:
    """On a worker: the result of the kernel for the block of each task, as rows of `_SCHEMA`."""
    for given in tasks:
        for task in given["task"]:
            result = kernel(read_appended(Path(task.as_py().decode())))
            yield pa.record_batch([["result"], pa.array([to_bytes(result)], pa.binary())], schema=_SCHEMA)
