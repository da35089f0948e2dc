"""The one door to DuckDB: the published file read only, another generation in the making.

A read-only connection blocks a writer of the same file, and a write-ahead log cut short loses rows in silence; so
a published file is never written to and never has a log beside it (`generations`). Frames go in and out in `store`;
nothing of that is imported here, so that a run which finds nothing to do is done in a moment.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.errors import DatabaseDamaged, MemoryFull, NothingPublished
from pipeline.storage.generations import Manifest, TableNote, copy, generation_file, manifest_of, published
from pipeline.storage.lock import ended_at_last, heard_in_queries

# ---------------------------------------------------------------- queries


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return Path(__file__).parents[1].joinpath("sql", f"{name}.sql").read_text("utf-8")


def run(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> None:
    """Carry out the statements of `sql/<name>.sql`; each takes those of the parameters that it names."""
    carry_out(db, statement(name), parameters)


def carry_out(db: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> None:
    """Carry out statements one by one.

    One that needs more memory than it may take is tried once more with all that DuckDB may have of this machine. Raises
    `duckdb.OutOfMemoryException` where that is too little as well.
    """
    for one in db.extract_statements(sql):
        values = {name: value for name, value in (parameters or {}).items() if name in one.named_parameters}
        try:
            db.execute(one, values or None)
        except duckdb.OutOfMemoryException:
            allowed = _allowed(db)
            db.execute(_SHARE)
            if _allowed(db) <= allowed:
                raise
            db.execute(one, values or None)
            _allow(db, allowed)


def rows(db: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows of an answer as mappings. For few rows; many are a frame (`store.frame_of`)."""
    answer = db.execute(sql, parameters or None)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def count(db: duckdb.DuckDBPyConnection, name: str) -> int:
    """The rows of a table."""
    return int(db.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0])


def tables_in(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of the published tables of a database, as they were made; those of schema `kept` are left out."""
    sql = (
        "SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = 'main' AND NOT temporary ORDER BY table_oid"
    )
    return [name for (name,) in db.execute(sql).fetchall()]


# ---------------------------------------------------------------- opening


def connect(path: Path, expected: Collection[str] = ("qa",)) -> duckdb.DuckDBPyConnection:
    """A generation, read only, with no way from it to the file system or the network.

    Raises `NothingPublished`, and `DatabaseDamaged` where one of the expected tables is missing.
    """
    if not path.exists():
        raise NothingPublished(path)
    try:
        db = duckdb.connect(str(path.resolve()), read_only=True)
        _lock_down(db)
        missing = sorted({*expected} - {*tables_in(db)})
    except duckdb.Error as err:
        raise DatabaseDamaged(path, err) from err
    if missing:
        db.close()
        raise DatabaseDamaged(path, f"it has no table {missing[0]}")
    return db


class Opened(NamedTuple):
    """A generation that is being read: its file, its manifest, and a connection as `connect` gives it."""

    database: Path
    manifest: Manifest
    db: duckdb.DuckDBPyConnection


def open_generation(out: Path, generation: str | None = None) -> Opened:
    """A generation, by default the published one.

    A run may publish another one and take this one away between the two steps; then it is the new one. Raises
    `NothingPublished`, `DatabaseDamaged` and `DatabaseNewer`.
    """
    while True:
        database = generation_file(out, generation)
        try:
            manifest = manifest_of(database)
            return Opened(database, manifest, connect(database, {"qa", *manifest.tables}))
        except (NothingPublished, DatabaseDamaged):
            if generation is not None or published(out) == database:
                raise


def _lock_down(db: duckdb.DuckDBPyConnection) -> None:
    """No way to the file system or the network. Connections of one process to one file share these settings."""
    if db.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
        return
    for setting in ("TimeZone = 'UTC'", "enable_external_access = false", "lock_configuration = true"):
        db.execute(f"SET {setting}")


# ---------------------------------------------------------------- writing


# DuckDB's memory while a generation is made: so much for each thread, and no more than this share of what the machine
# (or its container) has. What needs more goes to disk beside the generation, and is gone when it is done. A first run
# on 20,000 pages by two threads, all processes: 2.1 GB with it, 3.1 GB with no bound, in the same processor time.
THREAD_BYTES = 500 * 2**20
MEMORY_SHARE = 0.25
_SHARE = f"SET memory_limit = '{MEMORY_SHARE:.0%}'"
# Bytes of log after which DuckDB moves rows into the tables by itself, anew into the last, half-full row group of each.
# The rows of 100 MB of pages are laid down in 5 s of processor time so, in 17 s with its own 16 MB.
LOG_BYTES = 256 * 2**20
# Rows of a table that DuckDB packs together, and holds unpacked until they are so many. Of its own 122,880, the texts
# of pages are 400 MB: beyond the memory it has, they go to disk and come back. The rows of 100 MB of pages, laid down
# four times over in 300 MB of memory, take 3.6 to 5.1 s of processor time each with 16,384, in 500 MB with 122,880 4.6
# to 16; 8,192 and 4,096 take as long.
GROUP_ROWS = 16_384


@contextlib.contextmanager
def writing(
    place: Path, before: Path | None = None, afresh: bool = True, threads: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A generation in the making: a copy of the published one, or, made `afresh`, its tables without a row.

    What is published stays at hand under the name `before`, read only; without it, `before` has the same tables, empty.
    The database is closed at the end. Raises `OSError` when the disk fails it, `MemoryFull`,
    `DatabaseDamaged` (the copy), and what interrupts a query.
    """
    if before and not afresh:
        copy(before, place)
    try:
        with ended_at_last(), heard_in_queries(), duckdb.connect() as db:
            _bound(db, place, threads)
            db.execute("SET TimeZone = 'UTC'")
            db.execute(f"ATTACH {_quoted(place)} AS ledger (ROW_GROUP_SIZE {GROUP_ROWS})")
            db.execute("USE ledger")
            _attach(db, before)
            if afresh or not before:
                _create(db)
            yield db
    except duckdb.OutOfMemoryException as err:
        raise MemoryFull(err) from err
    except (duckdb.OperationalError, duckdb.FatalException) as err:
        raise OSError(str(err).splitlines()[0]) from err


def _bound(db: duckdb.DuckDBPyConnection, place: Path, threads: int) -> None:
    """Let DuckDB use so many threads, and memory for them."""
    db.execute(_SHARE)
    _allow(db, min(_allowed(db), threads * THREAD_BYTES))
    db.execute(f"SET threads = {threads}")
    db.execute(f"SET checkpoint_threshold = '{LOG_BYTES}B'")
    db.execute(f"SET temp_directory = {_quoted(place.with_name(place.name + '.tmp'))}")


@contextlib.contextmanager
def at_once(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One transaction for many insertions: full row groups go to the file as they come, and nowhere else.

    Each by itself is written to the log, then with others to the file, the last row group of its table every time
    anew: the rows of 100 MB of pages take 4.2 to 7.3 s of processor time so, in this way 4 to 5. After an exception
    the transaction goes with the connection.
    """
    db.execute("BEGIN")
    yield
    db.execute("COMMIT")


@contextlib.contextmanager
def leaner(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One thread and a quarter of its memory for DuckDB, while processes that work beside it need the rest.

    26 batches of rows (100 MB of text) are laid down in 5.8 s of processor time by one thread, in 7.5 by two. What it
    gives back before the processes part is not held by them either.
    """
    allowed, threads = _allowed(db), _threads(db)
    db.execute("SET threads = 1")
    _allow(db, allowed // 4)
    yield
    _allow(db, allowed)
    db.execute(f"SET threads = {threads}")


def _threads(db: duckdb.DuckDBPyConnection) -> int:
    return int(db.execute("SELECT current_setting('threads')").fetchall()[0][0])


def _allowed(db: duckdb.DuckDBPyConnection) -> int:
    """Bytes of memory that DuckDB may use."""
    size, unit = db.execute("SELECT current_setting('memory_limit')").fetchall()[0][0].split()
    return int(float(size) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


def _allow(db: duckdb.DuckDBPyConnection, bytes_: int) -> None:
    with contextlib.suppress(duckdb.OutOfMemoryException):  # it holds on to more just now
        db.execute(f"SET memory_limit = '{bytes_}B'")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _attach(db: duckdb.DuckDBPyConnection, before: Path | None) -> None:
    """Let queries name the tables of a generation `before.qa` and so on."""
    if before:
        db.execute(f"ATTACH {_quoted(before)} AS before (READ_ONLY)")
        return
    db.execute("ATTACH ':memory:' AS before")
    db.execute("USE before")
    _create(db)
    db.execute("USE ledger")


def _create(db: duckdb.DuckDBPyConnection) -> None:
    """Make every table, empty, its columns described, and the view `claims`."""
    from pipeline.storage.schema import TABLES, ddl

    db.execute("BEGIN")
    for name in TABLES:
        db.execute(";".join(ddl(name)))
    db.execute(f"CREATE VIEW claims AS {statement('ledger/claims')}")
    run(db, "duplicates/kept")
    db.execute("COMMIT")


def close_for_good(
    db: duckdb.DuckDBPyConnection, place: Path, untouched: Mapping[str, TableNote]
) -> dict[str, TableNote]:
    """Checkpoint and close a new generation; its tables' rows and checksums. No log is left beside it.

    `untouched` are the notes on tables of the generation it was copied from which no statement has written to since.
    """
    names = tables_in(db)
    anew = checksums(db, [name for name in names if name not in untouched])
    db.execute("DETACH before")
    db.execute("CHECKPOINT")
    db.close()
    log = place.with_name(place.name + ".wal")
    if log.exists():
        raise DatabaseDamaged(place, "a write-ahead log was left after the checkpoint")
    return {name: anew.get(name) or untouched[name] for name in names}


def checksums(db: duckdb.DuckDBPyConnection, names: Iterable[str] | None = None) -> dict[str, TableNote]:
    """Rows and an order-free checksum of these tables, by default of all."""
    found: dict[str, TableNote] = {}
    for name in tables_in(db) if names is None else names:
        sql = f'SELECT count(*), coalesce(bit_xor(hash(t)), 0)::VARCHAR FROM "{name}" t'
        rows_, checksum = db.execute(sql).fetchall()[0]
        found[name] = {"rows": rows_, "checksum": checksum}
    return found
