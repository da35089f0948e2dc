"""Kernels over blocks of rows on a cluster: texts to sign, pairs to compare.

A block goes to the workers as an Arrow file in the scratch folder, and what a kernel makes of it comes back as a cell
of bytes: it is opaque to Spark, which has no type for some of its columns (hashes without a sign).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, count, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.duplicates.stage import Kernel, MapBlocks
from pipeline.spark.cluster import Cluster

# Blocks from which on the cluster is asked; a job on it costs some 3 s of one core, a block of 10,000 texts 1 to 5 s.
_WORTH_A_JOB = 8

_MADE = pa.schema([("table", pa.string()), ("made", pa.binary())])


def map_blocks_on(cluster: Cluster, here: MapBlocks, worth_a_job: int = _WORTH_A_JOB) -> MapBlocks:
    """Carries out kernels on a cluster where there are blocks enough, and else `here`.

    Raises, when it is used, what `Cluster.map` raises.
    """
    times = count()

    def map_blocks(kernel: Kernel, blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        rest = iter(blocks)
        first = list(islice(rest, worth_a_job))
        if len(first) < worth_a_job:
            yield from here(kernel, first)
            return
        name = f"blocks_{next(times)}"
        given = cluster.folder(f"{name}_given")
        tasks = [_put_down(block, given / f"{turn}.arrow") for turn, block in enumerate(chain(first, rest))]
        place = cluster.map(tasks, partial(made_of, kernel=kernel), _MADE, name)
        came = 0
        for part in sorted((place / "table=made").glob("*.parquet")):
            for cell in pq.ParquetFile(part).iter_batches(batch_size=1, columns=["made"]):
                yield pa.ipc.open_stream(cell["made"][0].as_buffer()).read_all()
                came += 1
        if came != len(tasks):
            raise ValueError(f"{came:,} of {len(tasks):,} blocks came back from the cluster")

    return map_blocks


def _put_down(block: pa.Table, place: Path) -> bytes:
    with pa.OSFile(str(place), "wb") as file, pa.ipc.new_file(file, block.schema) as writer:
        writer.write_table(block)
    return bytes(place)


def made_of(tasks: Iterable[pa.RecordBatch], kernel: Kernel) -> Iterator[pa.RecordBatch]:
    """On a worker: what the kernel makes of the block of each task, as rows of `_MADE`."""
    for given in tasks:
        for task in given["task"]:
            with pa.OSFile(task.as_py(), "rb") as file:
                made = kernel(pa.ipc.open_file(file).read_all())
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, made.schema) as writer:
                writer.write_table(made)
            yield pa.record_batch([["made"], pa.array([sink.getvalue().to_pybytes()], pa.binary())], schema=_MADE)
