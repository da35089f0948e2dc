"""Many files -> tables: what changed is read, what did not stays as it is, and every file is accounted for.

Files are read in batches, by several processes when there is enough to read, and each batch is laid into the tables
as it comes; no more than a few batches are in memory at once. A file of many records is handed out in shards
of lines or, where it has none, read here and handed out in portions, so that it is taken in as many small files are.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from pipeline.extract.files import holds_records, read_file
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Reject
from pipeline.extract.scan import Scan, SourceFile
from pipeline.extract.shards import Shard, cut_shards
from pipeline.ingest.boilerplate import files_with, furniture_of
from pipeline.ingest.document_rows import NAMES, Intake, Portion, Row, take_in
from pipeline.ingest.pool import in_processes
from pipeline.statistics.find import find_statistics
from pipeline.storage import build, frames, statements
from pipeline.storage.schema import TABLES, columns, empty, records, sift

# A process of its own costs about .5 s of imports, as much as one core needs for this many bytes of text.
_WORTH_A_POOL = 2_000_000
# Bytes and documents of a batch: 4 MB of text take about 60 MB as rows, 19 as Arrow. To check that its rows fit costs
# 27 ms for 256 documents of 3 kB and 50 for 2,000.
BATCH_BYTES, BATCH_FILES = 4_000_000, 2_000
_PARSED = ("documents", "occurrences", "leftovers", "statistics")
MADE = (*_PARSED, "rejects", "files", "line_keys")  # the tables that come of looking at each document alone

# Columns that later stages fill, with a stand-in until then.
_TO_COME: dict[str, Any] = {"first_seen_at": 0, "last_changed_at": 0, "qa_id": ""}


@dataclass(frozen=True, slots=True)
class Batch:
    """What several files gave: rows by table, all of which fit it; seconds of work by stage; rows that did not fit."""

    rows: dict[str, pa.Table]
    seconds: dict[str, float]
    dropped: int


@dataclass
class Gathered:
    """Seconds of work by stage (of all processes together), the files read, and rows left out by the schema."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    files_read: int = 0
    dropped: int = 0

    def add(self, batch: Batch) -> None:
        """Count a batch in."""
        self.dropped += batch.dropped
        for stage, seconds in batch.seconds.items():
            self.seconds[stage] += seconds


# Reads files, lays their rows into the tables (`MADE`) and counts them in; the keys are of lines that are furniture.
Read = Callable[[duckdb.DuckDBPyConnection, Sequence[SourceFile], frozenset[str], Gathered], None]


def gather(
    db: duckdb.DuckDBPyConnection, found: Scan, changed: Sequence[SourceFile], now: datetime, read: Read
) -> Gathered:
    """Bring the tables that come of looking at each document alone (`MADE`) up to what was found.

    Their columns qa_id are still to come. Files that are not among `changed` keep their rows, but for those that a
    line repeated over many documents reads differently now.
    """
    gathered = Gathered()
    known = furniture_of(db)
    fresh = {file.uri for file in changed}
    _forget(db, {file.uri for file in found.files} - fresh)
    _read(db, read, changed, frozenset(), gathered)
    furniture = furniture_of(db)
    misread = (files_with(db, furniture) & fresh) | (files_with(db, furniture ^ known) - fresh)
    again = [file for file in found.files if file.uri in misread]
    if again:
        _forget(db, {file.uri for file in found.files} - misread)
        _read(db, read, again, furniture, gathered)
    gathered.files_read = len(fresh | misread)
    frames.write(db, "rejects", _rejects(found.rejects))
    statements.execute_file(db, "ingest/document_times", now=now)
    return gathered


def _read(
    db: duckdb.DuckDBPyConnection,
    read: Read,
    files: Sequence[SourceFile],
    furniture: frozenset[str],
    gathered: Gathered,
) -> None:
    """Have files read, and make one of the rows that a file taken in by portions has several of."""
    read(db, files, furniture, gathered)
    if any(map(is_in_portions, files)):
        statements.execute_file(db, "ingest/line_keys_once")


def read_here(workers: int, progress: bool, options: ReadOptions | None = None) -> Read:
    """Reads files on this machine, by several processes when there is enough to read."""

    def read(
        db: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], furniture: frozenset[str], gathered: Gathered
    ) -> None:
        kernel = partial(take_in_all, options=options, furniture=furniture)
        with build.reduced_resources(db) if workers > 1 else nullcontext(), build.one_transaction(db):
            for batch in batches(kernel, files, workers, progress, options):
                _lay(db, batch, gathered)

    return read


def _forget(db: duckdb.DuckDBPyConnection, kept: set[str]) -> None:
    """Forget all that came of other files than these (`sql/ingest/forget.sql`)."""
    db.register("kept", pd.DataFrame({"uri": pd.Series(sorted(kept), dtype="str")}))
    statements.execute_file(db, "ingest/forget")
    db.unregister("kept")


def _lay(db: duckdb.DuckDBPyConnection, batch: Batch, gathered: Gathered) -> None:
    """Add a batch to the tables and to the sums."""
    started = perf_counter()
    for name, rows in batch.rows.items():
        if rows.num_rows:
            frames.insert(db, name, rows)
    gathered.seconds["store"] += perf_counter() - started
    gathered.add(batch)


# ---------------------------------------------------------------- reading in batches


Taken = SourceFile | Shard | Portion
Kernel = Callable[[Sequence[Taken]], Batch]


def batches(
    kernel: Kernel, files: Sequence[SourceFile | Shard], workers: int, progress: bool, options: ReadOptions | None
) -> Iterator[Batch]:
    """The kernel's result for each batch of files, in order; by several processes when there is enough to read.

    Shards of a file are batches already.
    """
    total = sum(file.bytes for file in files)
    bar = tqdm(total=total, unit="B", unit_scale=True, desc="reading", disable=None if progress else True)
    with bar:
        if workers == 1 or total < _WORTH_A_POOL:
            for part in _parts(files, BATCH_BYTES, options):
                yield kernel(part.held)
                bar.update(part.bytes)
            return
        _warm_up()
        sizes: deque[int] = deque()

        def taken() -> Iterator[Sequence[Taken]]:
            for part in _parts(files, min(BATCH_BYTES, total // (4 * workers)), options):
                sizes.append(part.bytes)
                yield part.held

        for batch in in_processes(kernel, taken(), workers):
            yield batch
            bar.update(sizes.popleft())


def _warm_up() -> None:
    """Load what every worker needs, and would load for itself in half a second, before the processes part."""
    TABLES["files"].validate(empty(TABLES["files"]))
    find_statistics("Up to 5 % of patients pay $5.")


class Part(NamedTuple):
    """What one call of the kernel takes in, and how many bytes that is."""

    held: Sequence[Taken]
    bytes: int


def _parts(files: Sequence[SourceFile | Shard], size: int, options: ReadOptions | None) -> Iterator[Part]:
    """The files in order, in parts of about so many bytes and a bounded number of files."""
    held: list[Taken] = []
    bytes_ = 0
    for file in files:
        parts = _parts_of(file, size, options)
        if held and (parts is not None or bytes_ >= size or len(held) == BATCH_FILES):
            yield Part(held, bytes_)
            held, bytes_ = [], 0
        if parts is not None:
            yield from parts
            continue
        held.append(file)
        bytes_ += file.bytes
    if held:
        yield Part(held, bytes_)


def _parts_of(file: SourceFile | Shard, size: int, options: ReadOptions | None) -> Iterable[Part] | None:
    """What is taken in by itself; None for a file that goes with others."""
    if isinstance(file, Shard):
        return [Part([file], file.bytes)]
    return _portions(file, size, options) if is_in_portions(file) else None


def is_in_portions(file: SourceFile) -> bool:
    """Whether a file holds more records than are taken in at once; a packed one may hold ten times its bytes."""
    return file.bytes > BATCH_BYTES // 10 and holds_records(file)


def _portions(file: SourceFile, size: int, options: ReadOptions | None) -> Iterator[Part]:
    """The records of a file in parts of about so many bytes: shards of its lines where it has lines.

    Others are read here, one after the other, and taken in elsewhere.
    """
    shard: Shard | None = None
    for shard in cut_shards(file, size, BATCH_FILES, options):
        yield Part([shard], shard.bytes)
    if shard is not None:
        return
    items: list[Document | Reject] = []
    bytes_ = 0
    for item in read_file(file, options):
        if bytes_ >= size or len(items) == BATCH_FILES:
            yield Part([Portion(file, items, is_last=False)], bytes_)
            items, bytes_ = [], 0
        items.append(item)
        bytes_ += item.bytes if isinstance(item, Document) else 0
    yield Part([Portion(file, items, is_last=True)], bytes_)


def take_in_all(
    parts: Sequence[Taken],
    options: ReadOptions | None = None,
    furniture: frozenset[str] = frozenset(),
) -> Batch:
    """All that is in these files, as rows that fit their tables; a row that does not is a reject."""
    intake = take_in(parts, options, furniture)
    rows = {name: _table(name, getattr(intake, name)) for name in NAMES}
    misfits = _drop_misfits(rows)
    odd = _drop_odd_figures(rows)
    rows["rejects"] = frames.to_arrow(TABLES["rejects"], _rejects([*intake.rejects, *misfits, *odd]))
    rows["line_keys"] = _line_keys(intake)
    return Batch(rows, intake.seconds, len(odd))


def _table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows of an intake as their table, with stand-ins in the columns that are to come."""
    values = dict(zip(NAMES[name], zip(*rows, strict=True), strict=True)) if rows else {}
    types = frames.arrow_types(TABLES[name])
    return pa.table(
        {
            column: pa.array(values[column], kind)
            if column in values
            else pa.repeat(pa.scalar(_TO_COME.get(column) if name != "leftovers" else None, kind), len(rows))
            for column, kind in types.items()
        }
    )


def _drop_misfits(tables: dict[str, pa.Table]) -> list[Reject]:
    """Take out each document of which a row does not fit its table, whole, so that the laws hold for the rest."""
    rejects: dict[str, Reject] = {}
    for name in ("documents", "occurrences", "leftovers"):
        _, failures = sift(TABLES[name], frames.to_frame(tables[name]))
        for failure in records(failures):
            document_id = tables[name]["document_id"][int(failure["index"])].as_py()
            uri = _uri_of(tables, document_id)
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this page"
            sample = str(failure["failure_case"])[:60]
            rejects.setdefault(document_id, Reject(uri, "schema", "schema", detail, sample))
    if rejects:
        of_rejects = pc.is_in(tables["occurrences"]["document_id"], pa.array(rejects))
        gone = tables["occurrences"].filter(of_rejects)["occurrence_id"]
        tables["statistics"] = tables["statistics"].filter(
            pc.invert(pc.is_in(tables["statistics"]["occurrence_id"], gone.combine_chunks()))
        )
        for name in ("documents", "occurrences", "leftovers"):
            is_gone = pc.is_in(tables[name]["document_id"], pa.array(rejects))
            tables[name] = tables[name].filter(pc.invert(is_gone))
    return list(rejects.values())


def _uri_of(tables: dict[str, pa.Table], document_id: str) -> str:
    return str(tables["documents"]["uri"][tables["documents"]["document_id"].index(document_id).as_py()])


def _drop_odd_figures(tables: dict[str, pa.Table]) -> list[Reject]:
    """Take out the figures that do not fit their table, each alone: no other row points to one."""
    rows, occurrences = tables["statistics"], tables["occurrences"]
    _, failures = sift(TABLES["statistics"], frames.to_frame(rows))
    odd: dict[int, Reject] = {}
    for failure in records(failures.drop_duplicates("index")):
        row = int(failure["index"])
        home = occurrences["occurrence_id"].index(rows["occurrence_id"][row]).as_py()
        odd[row] = Reject(
            _uri_of(tables, occurrences["document_id"][home].as_py()),
            "store",
            "schema",
            f"statistics.{failure['column']} does not fit: {failure['check']}; please report this row",
            rows["statistic_id"][row].as_py(),
        )
    tables["statistics"] = rows.take([row for row in range(len(rows)) if row not in odd]) if odd else rows
    return list(odd.values())


def _rejects(rejects: Iterable[Reject]) -> pd.DataFrame:
    names = list(columns(TABLES["rejects"]))
    rows = dict.fromkeys(tuple(getattr(reject, name) for name in names) for reject in rejects)
    return pd.DataFrame(list(rows), columns=names)


def _line_keys(intake: Intake) -> pa.Table:
    rows = [(uri, key, count) for uri, keys in intake.line_keys.items() for key, count in keys.items()]
    names, types = tuple(columns(TABLES["line_keys"])), frames.arrow_types(TABLES["line_keys"])
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pa.table({name: pa.array(column, types[name]) for name, column in zip(names, values, strict=True)})
