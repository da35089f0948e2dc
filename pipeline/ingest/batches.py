"""Reads the files of a run in batches and inserts their rows: `documents_to_rows`.

Several processes read when there is enough to read, and only a few batches are in memory at once. A large file of JSON
lines is cut into shards; another large file with many records is read here, and its records are handed out in groups.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import NamedTuple

import duckdb
import pyarrow as pa
from tqdm import tqdm

from pipeline.extract.files import holds_records, read_file, unpacks_beyond
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Reject
from pipeline.extract.scan import Scan, SourceFile
from pipeline.extract.shards import Shard, cut_shards
from pipeline.ingest.boilerplate import files_with_lines, find_boilerplate_keys
from pipeline.ingest.document_rows import FileRecords, Input, read_rows
from pipeline.ingest.fit import fit_rows, rejects_table
from pipeline.ingest.pool import map_in_processes
from pipeline.limits import BATCH_BYTES, BATCH_FILES
from pipeline.statistics.find import find_statistics
from pipeline.storage import arrow
from pipeline.storage.build import one_transaction, reduced_resources
from pipeline.storage.statements import execute_file

# Bytes of files from which several processes read: a process costs about .5 s of imports, as long as one core needs for
# this many bytes of text.
_PARALLEL_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """What some files gave: tables whose rows all fit, seconds of work by stage, and the number of dropped figures."""

    tables: dict[str, pa.Table]
    seconds: dict[str, float]
    dropped: int


@dataclass
class Ingested:
    """Sums over all batches: seconds of work by stage (of all processes together), files read, dropped figures."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    files_read: int = 0
    dropped: int = 0


# Reads files, inserts their rows into the tables (`fit.INGEST_TABLES`) and adds to the sums. The keys are those of
# boilerplate lines.
ReadFiles = Callable[[duckdb.DuckDBPyConnection, Sequence[SourceFile], frozenset[str], Ingested], None]


def documents_to_rows(
    db: duckdb.DuckDBPyConnection, scan: Scan, changed: Sequence[SourceFile], now: datetime, read_files: ReadFiles
) -> Ingested:
    """Bring the tables that come from reading each document alone (`fit.INGEST_TABLES`) up to date with a scan.

    Changed files are read; files that contain a line which became boilerplate, or stopped being it, are read again;
    the rows of all others stay, those of removed files are deleted. The columns qa_id are still empty.
    """
    ingested = Ingested()
    known = find_boilerplate_keys(db)
    scanned, read = {file.uri for file in scan.files}, {file.uri for file in changed}
    _delete_other_files(db, scanned - read)
    _read(db, read_files, changed, frozenset(), ingested)
    boilerplate = find_boilerplate_keys(db)
    outdated = (files_with_lines(db, boilerplate) & read) | (files_with_lines(db, boilerplate ^ known) - read)
    again = [file for file in scan.files if file.uri in outdated]
    if again:
        _delete_other_files(db, scanned - outdated)
        _read(db, read_files, again, boilerplate, ingested)
    ingested.files_read = len(read | outdated)
    arrow.insert(db, "rejects", rejects_table(scan.rejects))
    execute_file(db, "ingest/30_times_of_read_documents", now=now)
    return ingested


def _delete_other_files(db: duckdb.DuckDBPyConnection, uris: set[str]) -> None:
    """Delete the rows of all files but these."""
    db.register("unchanged_files", pa.table({"uri": pa.array(sorted(uris), pa.string())}))
    execute_file(db, "ingest/10_delete_rows_of_changed_files")
    db.unregister("unchanged_files")


def _read(
    db: duckdb.DuckDBPyConnection,
    read_files: ReadFiles,
    files: Sequence[SourceFile],
    boilerplate: frozenset[str],
    ingested: Ingested,
) -> None:
    """Read files and insert their rows; line_keys has one row per file and line, also of files in several batches."""
    read_files(db, files, boilerplate, ingested)
    if any(map(is_split, files)):
        execute_file(db, "ingest/20_add_up_line_keys")


def local_reader(workers: int, progress: bool, options: ReadOptions | None = None) -> ReadFiles:
    """A function that reads files on this machine, with several processes when there is enough to read."""

    def read_files(
        db: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], boilerplate: frozenset[str], ingested: Ingested
    ) -> None:
        kernel = partial(read_batch, options=options, boilerplate=boilerplate)
        with reduced_resources(db) if workers > 1 else nullcontext(), one_transaction(db):
            for batch in map_batches(kernel, files, workers, progress, options):
                _insert(db, batch, ingested)

    return read_files


def _insert(db: duckdb.DuckDBPyConnection, batch: Batch, ingested: Ingested) -> None:
    """Insert the rows of a batch, and add its counts to the sums."""
    started = perf_counter()
    for name, rows in batch.tables.items():
        if rows.num_rows:
            arrow.insert(db, name, rows)
    ingested.seconds["store"] += perf_counter() - started
    ingested.dropped += batch.dropped
    for stage, seconds in batch.seconds.items():
        ingested.seconds[stage] += seconds


# ---------------------------------------------------------------- one batch


def read_batch(
    inputs: Sequence[Input], options: ReadOptions | None = None, boilerplate: frozenset[str] = frozenset()
) -> Batch:
    """The kernel of this stage: the rows of these files that fit their tables, the others as rejects."""
    rows = read_rows(inputs, options, boilerplate)
    tables, dropped = fit_rows(rows)
    return Batch(tables, rows.seconds, dropped)


# ---------------------------------------------------------------- many batches

Kernel = Callable[[Sequence[Input]], Batch]


def map_batches(
    kernel: Kernel, files: Sequence[SourceFile | Shard], workers: int, progress: bool, options: ReadOptions | None
) -> Iterator[Batch]:
    """The kernel's result for each batch of files, in order; from several processes when there is enough to read.

    Each shard is one batch.
    """
    total = sum(file.bytes for file in files)
    bar = tqdm(total=total, unit="B", unit_scale=True, desc="reading", disable=None if progress else True)
    with bar:
        if workers == 1 or total < _PARALLEL_BYTES:
            for group in _groups(files, BATCH_BYTES, options):
                yield kernel(group.inputs)
                bar.update(group.bytes)
            return
        _import_before_fork()
        sizes: deque[int] = deque()

        def inputs() -> Iterator[Sequence[Input]]:
            for group in _groups(files, min(BATCH_BYTES, total // (4 * workers)), options):
                sizes.append(group.bytes)
                yield group.inputs

        for batch in map_in_processes(kernel, inputs(), workers):
            yield batch
            bar.update(sizes.popleft())


def _import_before_fork() -> None:
    """Load what every worker needs and would need half a second to load for itself."""
    find_statistics("Up to 5 % of patients pay $5.")


class Group(NamedTuple):
    """The inputs of one batch, and their bytes."""

    inputs: Sequence[Input]
    bytes: int


def _groups(files: Sequence[SourceFile | Shard], size: int, options: ReadOptions | None) -> Iterator[Group]:
    """The files in order, in groups of about `size` bytes and at most `BATCH_FILES` files."""
    inputs: list[Input] = []
    bytes_ = 0
    for file in files:
        own = _own_groups(file, size, options)
        if inputs and (own is not None or bytes_ >= size or len(inputs) == BATCH_FILES):
            yield Group(inputs, bytes_)
            inputs, bytes_ = [], 0
        if own is not None:
            yield from own
            continue
        inputs.append(file)
        bytes_ += file.bytes
    if inputs:
        yield Group(inputs, bytes_)


def _own_groups(file: SourceFile | Shard, size: int, options: ReadOptions | None) -> Iterable[Group] | None:
    """The groups of a shard or a file that is split; None for a file that shares a group with others."""
    if isinstance(file, Shard):
        return [Group([file], file.bytes)]
    return _split(file, size, options) if is_split(file) else None


def is_split(file: SourceFile) -> bool:
    """Whether a file may hold more records than one batch takes."""
    return holds_records(file) and (file.bytes > BATCH_BYTES // 10 or unpacks_beyond(file, BATCH_BYTES))


def _split(file: SourceFile, size: int, options: ReadOptions | None) -> Iterator[Group]:
    """The records of a file in groups of about `size` bytes: shards where it has any.

    Without shards the records are read here, one after the other, and parsed by whoever gets the group.
    """
    shard: Shard | None = None
    for shard in cut_shards(file, size, BATCH_FILES, options):
        yield Group([shard], shard.bytes)
    if shard is not None:
        return
    records: list[Document | Reject] = []
    bytes_ = 0
    for record in read_file(file, options):
        if bytes_ >= size or len(records) == BATCH_FILES:
            yield Group([FileRecords(file, records, is_last=False)], bytes_)
            records, bytes_ = [], 0
        records.append(record)
        bytes_ += record.bytes if isinstance(record, Document) else 0
    yield Group([FileRecords(file, records, is_last=True)], bytes_)
