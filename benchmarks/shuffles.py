"""Measures what a cluster sends from worker to worker to relate answers: bytes, and how even the buckets are.

    python benchmarks/shuffles.py --pages 1200          # in one process, without Spark
    python benchmarks/shuffles.py --answers 1000000     # the shuffles by bigram and by shingle, simulated

With `--pages`, runs the steps of `pipeline/spark/answers.py` on generated pages (`corpus.py`), one task after the
other. Prints for each shuffle the bytes for each byte of answers, and the largest bucket as a multiple of the mean one.
With `--answers`, draws the bigrams, or shingles, of so many answers: the n-th most frequent one has the weight 1/n.
Prints how large the largest bucket is if a file sends all answers that have one, and if it sends so many at most: 61
for each bigram, 2,000 for each shingle, or one row with the number of answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

HERE = Path(__file__).parent.parent
sys.path[:0] = [str(HERE), str(HERE / "tests"), str(HERE / "tests" / "spark")]

from clusters import InTurn, write_pages  # noqa: E402

from pipeline.duplicates.stage import relate_all  # noqa: E402
from pipeline.extract.scan import scan  # noqa: E402
from pipeline.ingest.batches import documents_to_rows, local_reader  # noqa: E402
from pipeline.limits import LARGEST_DOCUMENT_FREQUENCY, LARGEST_SEARCH  # noqa: E402
from pipeline.spark.answers import CONTAINED, NEAR_COPIES, cluster_relater  # noqa: E402
from pipeline.storage import build  # noqa: E402
from pipeline.storage.arrow import BLOCK_ROWS  # noqa: E402

FILE_ROWS = 500  # answers of a file where pages are read; a run has `BLOCK_ROWS`
BIGRAMS = 10_000_000  # that there are
BIGRAMS_OF_ANSWER = 25


class Measured(InTurn):
    """Counts the bytes that each step sends to each bucket, by the name of the job."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch)
        self.sent: dict[str, list[Counter[int]]] = {}

    def map(self, tasks: Sequence[bytes], kernel: Any, schema: pa.Schema, name: str, then: Sequence[Any] = ()) -> Path:
        self.sent[name] = [Counter() for _ in (kernel, *then)]
        first, *others = (
            partial(_counted, kernel=one, sent=sent) for one, sent in zip((kernel, *then), self.sent[name], strict=True)
        )
        return super().map(tasks, first, schema, name, others)


def _counted(
    given: Iterable[pa.RecordBatch], kernel: Callable[..., Any], sent: Counter[int]
) -> Iterator[pa.RecordBatch]:
    for piece in kernel(given):
        sent[piece["bucket"][0].as_py()] += len(piece["result"][0].as_buffer())
        yield piece


def measure(pages: int, folder: Path) -> None:
    """Print what is sent for this many pages."""
    write_pages(folder / "raw", pages)
    found = scan(folder / "raw")
    cluster: Any = Measured(folder / "scratch")
    with build.new_generation(folder / "made.duckdb") as db:
        documents_to_rows(db, found, found.files, datetime.now(UTC), local_reader(1, progress=False))
        relate_all(db, relate=cluster_relater(cluster, min_files=1, file_rows=FILE_ROWS))
        answers, text = db.execute("select count(*), sum(strlen(answer)) from answer_texts").fetchall()[0]
    print(f"{pages:,} pages, {answers:,} answers, {text / 1e6:.1f} MB, {-(-answers // FILE_ROWS)} buckets")
    for name, steps in {"contained_0": CONTAINED, "near_copies_0": NEAR_COPIES}.items():
        for step, sent in zip(steps, cluster.sent[name], strict=True):
            size = sum(sent.values())
            skew = max(sent.values()) * len(sent) / size
            what = ", ".join(step.sends) or "to the driver"
            print(f"  {what:42}{size / text:6.2f} bytes for each byte, largest bucket {skew:.2f} times the mean")


def simulate(answers: int) -> None:
    """Print how even the buckets of a shuffle by bigram, or by shingle, are for this many answers."""
    draw = np.random.default_rng(1)
    files = answers // BLOCK_ROWS
    sent = {largest: np.zeros(files) for largest in (BLOCK_ROWS, LARGEST_SEARCH, LARGEST_DOCUMENT_FREQUENCY + 1, 1)}
    for _ in range(files):
        rank = np.floor(BIGRAMS ** draw.random((BLOCK_ROWS, BIGRAMS_OF_ANSWER))).astype(np.int64)
        rank.sort(axis=1)
        is_new = np.diff(rank, axis=1, prepend=0) > 0  # an answer has each of its bigrams once
        bigram, rows = np.unique(rank[is_new], return_counts=True)
        for largest, counts in sent.items():
            counts += np.bincount(bigram * 2654435761 % 2**32 % files, np.minimum(rows, largest), files)
    print(f"{answers:,} answers, {files} buckets")
    for largest, counts in sent.items():
        skew = counts.max() / counts.mean()
        print(f"  {largest:6,} at most: {counts.sum():,.0f} rows, largest bucket {skew:.2f} times the mean")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="*", default=[])
    parser.add_argument("--answers", type=int, nargs="*", default=[])
    options = parser.parse_args()
    for number in options.pages:
        with tempfile.TemporaryDirectory() as base:
            measure(number, Path(base))
    for number in options.answers:
        simulate(number)
