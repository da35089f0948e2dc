"""Builds the database file of a new generation: opens it, bounds its memory, computes checksums, closes it.

Nothing is logged while it is built, since a file that was not finished is never published.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import duckdb

from pipeline.errors import MemoryFull, TemporaryFolderUnusable
from pipeline.storage.forms import is_folder
from pipeline.storage.interrupts import end_despite_query, raise_query_interrupts
from pipeline.storage.manifest import TableNote
from pipeline.storage.memory import allow_memory_share, memory_limit, set_memory_limit
from pipeline.storage.parts import attach, insert_rows_of
from pipeline.storage.schema import CLAIMS, IN_ORDER, TABLES, comments, ddl
from pipeline.storage.statements import counts, execute_file, quoted, statement, tables_in

# DuckDB's memory while a generation is built: this many bytes for each thread, and never more than
# `memory.MEMORY_SHARE` of the machine. Larger intermediate results go to disk beside the generation and are removed
# when it is closed. On 307 MB of pages, a first run with two threads takes 3 % more processor time with 120 MiB each
# than with all it asks for, and no statement runs out of memory; 400 MiB are as much for 1 GB.
THREAD_BYTES = 400 * 2**20
# The same on a Spark cluster, whose workers do most joins. The stage of duplicates takes 36 s for 20,000 pages with two
# threads and 400 MB or 1,000 MB alike; the driver's peak was 743 MB with 400 MB, 980 MB with 1,000 MB.
SPARK_THREAD_BYTES = 200 * 2**20
# Rows that DuckDB compresses together, and holds uncompressed until then. DuckDB's default is 122,880: that many page
# texts are 400 MB, which exceeds the memory limit, so they go to disk and come back. Inserting the rows of 100 MB of
# pages takes 3.6 to 5.1 s of processor time with 16,384 in 300 MB of memory, 4.6 to 16 s with 122,880 in 500 MB; 8,192
# and 4,096 take as long.
GROUP_ROWS = 16_384
# Occurrences up to which all tables are sorted, so that what people read without an order is in one. Sorted tables are
# written anew: of a refresh of 14,000 occurrences in which 1 % of the files changed, sorting and the larger checkpoint
# take 1.1 of 4.8 s of processor time.
SORTED_OCCURRENCES = 5_000


@contextlib.contextmanager
def new_generation(
    path: Path,
    previous: Path | None = None,
    from_scratch: bool = True,
    threads: int = 1,
    thread_bytes: int = THREAD_BYTES,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a new generation: a copy of the previous one, or `from_scratch` all tables without rows.

    Queries read the previous generation as `before.qa` and so on; without one, the tables of `before` are empty. The
    database is closed at the end. Raises `OSError` when the disk fails, `MemoryFull`, and what interrupts a query.
    """
    is_copied = previous is not None and not from_scratch and not is_folder(previous)
    if previous and is_copied:
        shutil.copyfile(previous, path)
    try:
        with end_despite_query(), raise_query_interrupts(), duckdb.connect() as db:
            set_bounds(db, path.with_name(path.name + ".tmp"), threads, thread_bytes)
            db.execute("SET TimeZone = 'UTC'")
            # With a write-ahead log, a first run on 6.3 MB of pages takes 9.05 instead of 8.74 s of processor time.
            db.execute(f"ATTACH {quoted(path)} AS ledger (ROW_GROUP_SIZE {GROUP_ROWS}, RECOVERY_MODE no_wal_writes)")
            db.execute("USE ledger")
            _attach_previous(db, previous)
            if not is_copied:
                _create_tables(db)
            if previous and not from_scratch and not is_copied:
                insert_rows_of(db, "before")
            yield db
    except duckdb.OutOfMemoryException as err:
        raise MemoryFull(err) from err
    except (duckdb.OperationalError, duckdb.FatalException) as err:
        raise OSError(errno.EIO, str(err).splitlines()[0], str(path)) from err


def set_bounds(
    db: duckdb.DuckDBPyConnection, temporary: Path, threads: int = 1, thread_bytes: int = THREAD_BYTES
) -> None:
    """Bound the memory and the threads of DuckDB; what does not fit goes to the folder `temporary`."""
    allow_memory_share(db)
    set_memory_limit(db, min(memory_limit(db), threads * thread_bytes))
    db.execute(f"SET threads = {threads}")
    db.execute(f"SET temp_directory = {quoted(temporary)}")


def _attach_previous(db: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """Let queries name the tables of the previous generation `before.qa` and so on."""
    if previous:
        attach(db, previous, "before")
        return
    db.execute("ATTACH ':memory:' AS before")
    db.execute("USE before")
    for name in TABLES:
        db.execute(next(ddl(name)))
    db.execute("USE ledger")


def _create_tables(db: duckdb.DuckDBPyConnection) -> None:
    """Create every table without rows, with comments on its columns, and the view `claims`."""
    db.execute("BEGIN")
    for name in TABLES:
        db.execute(";".join(ddl(name)))
    create_claims(db)
    execute_file(db, "duplicates/00_missing_cache_tables")
    db.execute("COMMIT")


def create_claims(db: duckdb.DuckDBPyConnection) -> None:
    """Create the view `claims`, with comments on its columns."""
    db.execute(f"CREATE VIEW claims AS {statement('ledger/claims')}")
    db.execute(";".join(comments("claims", CLAIMS)))


@contextlib.contextmanager
def temporary_file() -> Iterator[Path]:
    """The path of a new database in the system's folder for temporary files, which is removed at the end.

    Raises `TemporaryFolderUnusable`.
    """
    try:
        with TemporaryDirectory() as folder:
            yield Path(folder) / "temporary.duckdb"
    except OSError as err:
        if not any(str(name).startswith(gettempdir()) for name in (err.filename, err.filename2)):
            raise  # a file that is not temporary: our own mistake
        raise TemporaryFolderUnusable(Path(gettempdir()), err) from err


# ---------------------------------------------------------------- many insertions


@contextlib.contextmanager
def one_transaction(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Put many insertions into one transaction: full row groups go straight to the file.

    The rows of insertions of their own stay in memory, uncompressed, until the checkpoint. After an exception the
    transaction ends with the connection.
    """
    db.execute("BEGIN")
    yield
    db.execute("COMMIT")


@contextlib.contextmanager
def reduced_resources(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One thread and a quarter of the memory for DuckDB, while worker processes need the rest.

    Inserting 26 batches of rows (100 MB of text) takes 5.8 s of processor time with one thread, 7.5 s with two. Memory
    that DuckDB frees before the processes fork is not held by them either.
    """
    limit = memory_limit(db)
    threads = int(db.execute("SELECT current_setting('threads')").fetchall()[0][0])
    db.execute("SET threads = 1")
    set_memory_limit(db, limit // 4)
    yield
    set_memory_limit(db, limit)
    db.execute(f"SET threads = {threads}")


# ---------------------------------------------------------------- closing


def sort_tables_of_small_ledger(db: duckdb.DuckDBPyConnection) -> None:
    """Write the rows of every table in order, unless there are many; readers of a large table ask for the order."""
    rows = counts(db, IN_ORDER)
    if rows["occurrences"] > SORTED_OCCURRENCES:
        return
    for name, order in IN_ORDER.items():
        if order and rows[name] > 1:
            db.execute(f'CREATE OR REPLACE TEMP TABLE ordered AS SELECT t.* FROM "{name}" t {order}')
            db.execute(f'DELETE FROM "{name}"')
            db.execute(f'INSERT INTO "{name}" FROM ordered')
    db.execute("DROP TABLE IF EXISTS ordered")


def close_generation(db: duckdb.DuckDBPyConnection) -> None:
    """Write what is in memory to the file of a new generation, and close it."""
    db.execute("DETACH before")
    db.execute("CHECKPOINT")
    db.close()


def checksums(db: duckdb.DuckDBPyConnection) -> dict[str, TableNote]:
    """Rows and a checksum, independent of row order, of every table."""
    selects = [
        f'SELECT {quoted(name)}, count(*), coalesce(bit_xor(hash(t)), 0)::VARCHAR FROM "{name}" t'
        for name in tables_in(db)
    ]
    found = db.execute(" UNION ALL ".join(selects)).fetchall()
    return {name: {"rows": rows, "checksum": checksum} for name, rows, checksum in found}
