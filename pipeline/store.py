"""The one door to DuckDB: tables in and out, and a published database opened read only.

A read-only connection blocks a writer of the same file, and a write-ahead log cut short loses rows in silence; so
a published file is never written to and never has a log beside it (`generations`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.errors import DatabaseDamaged, NothingPublished
from pipeline.generations import FORMAT, Manifest, copy, generation_file, manifest_of, published
from pipeline.schema import IN_ORDER, TABLES, Table, columns, ddl, duckdb_type, empty, fit

# Occurrences; to lay the tables of so many down anew takes .7 s, of 140,000 5 s, a fifth of a refresh of 1 %.
SMALL = 20_000

# ---------------------------------------------------------------- queries


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return Path(__file__).with_name("sql").joinpath(f"{name}.sql").read_text("utf-8")


def query(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> pd.DataFrame:
    """The answer of `sql/<name>.sql`, lists as Python lists."""
    return frame_of(db.sql(statement(name), params=parameters or None))


def frame_of(answer: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """A DuckDB answer as a frame: text as `str`, whole numbers as `Int64`, times in UTC, lists as Python lists.

    By Arrow, not DuckDB's own `df()`: that makes floats of whole numbers with gaps.
    """
    return to_frame(answer.to_arrow_table())


def to_frame(arrow: pa.Table) -> pd.DataFrame:
    """Arrow rows as a frame, see `frame_of`."""
    fields = [pa.field(f.name, _PLAINER.get(_shape(f.type), f.type)) for f in arrow.schema]
    frame: pd.DataFrame = arrow.cast(pa.schema(fields)).to_pandas(types_mapper=_PANDAS.get)
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = pd.Series([_plain(value) for value in frame[name]], dtype=object, index=frame.index)
    return frame


def _shape(kind: pa.DataType) -> str:
    return "decimal" if pa.types.is_decimal(kind) else "time" if pa.types.is_timestamp(kind) and kind.tz else "other"


# Sums of whole numbers are HUGEINT, a decimal to Arrow; times come in the session's zone, which is UTC.
_PLAINER = {"decimal": pa.float64(), "time": pa.timestamp("us", "UTC")}
_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, np.ndarray) else value


def run(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> None:
    """Carry out the statements of `sql/<name>.sql`; parameters go with a single statement."""
    db.execute(statement(name), parameters or None)


def create(db: duckdb.DuckDBPyConnection) -> None:
    """Make every table, empty, its columns described, and the view `claims`."""
    for name in TABLES:
        for sql in ddl(name):
            db.execute(sql)
    db.execute(f"CREATE VIEW claims AS {statement('claims')}")


def write(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Add the rows of `frame` to a table; they must fit it. Raises `TableRejected`."""
    table = TABLES[name]
    insert(db, name, to_arrow(table, fit(table, frame)))


def insert(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Add rows that are known to fit a table."""
    db.register("incoming", rows)
    db.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM incoming')
    db.unregister("incoming")


_ARROW = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}


def lay(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Let queries see a frame, or those of a table's columns that it has, under the table's name."""
    db.register(name, to_arrow(TABLES[name], frame))


def to_arrow(table: type[Table], frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow with the types its table is stored by; columns it does not have are left out."""
    arrays = {}
    for name, kind in arrow_types(table).items():
        if name in frame.columns:
            values = frame[name].tolist() if frame[name].dtype == object else frame[name]
            arrays[name] = pa.Array.from_pandas(values, type=kind)
    return pa.table(arrays)


@cache
def arrow_types(table: type[Table]) -> dict[str, pa.DataType]:
    """The Arrow types that a table's columns are stored by, in order."""
    return {name: _arrow_type(duckdb_type(column)) for name, column in columns(table).items()}


def _arrow_type(sql: str) -> pa.DataType:
    if sql in _ARROW:
        return _ARROW[sql]
    with duckdb.connect() as db:
        return db.sql(f"SELECT CAST(NULL AS {sql}) AS value").to_arrow_table().schema.field("value").type


def count(db: duckdb.DuckDBPyConnection, name: str) -> int:
    """The rows of a table."""
    return int(db.table(name).shape[0])


def read_table(db: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """A table as a frame that fits its schema, its rows in order.

    A column that an older database does not have is null; where it may not be, false or empty.
    """
    if name not in _tables_in(db):
        return empty(TABLES[name])
    frame = frame_of(db.sql(f'SELECT t.* FROM "{name}" t {IN_ORDER[name]}'))
    for column, spec in columns(TABLES[name]).items():
        if column not in frame.columns:
            frame[column] = None if spec.nullable else _STAND_INS[duckdb_type(spec)]
    return fit(TABLES[name], frame)


_STAND_INS: dict[str, str | bool | int | float] = {"VARCHAR": "", "BOOLEAN": False, "BIGINT": 0, "DOUBLE": 0.0}


def _tables_in(db: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


# ---------------------------------------------------------------- opening


def connect(path: Path, format_: int = FORMAT) -> duckdb.DuckDBPyConnection:
    """A generation, read only, with no way from it to the file system or the network.

    One of an older format may have fewer tables. Raises `NothingPublished` and `DatabaseDamaged`.
    """
    if not path.exists():
        raise NothingPublished(path)
    try:
        db = duckdb.connect(str(path.resolve()), read_only=True)
        _lock_down(db)
        known = _tables_in(db)
    except duckdb.Error as err:
        raise DatabaseDamaged(path, err) from err
    missing = sorted(set(TABLES) - known)
    if missing and (format_ == FORMAT or "qa" in missing):
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
            return Opened(database, manifest, connect(database, manifest.format))
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


@contextlib.contextmanager
def writing(place: Path, before: Path | None = None, afresh: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A generation in the making: a copy of the published one, or, made `afresh`, its tables without a row.

    What is published stays at hand under the name `before`, read only; without it, `before` has the same tables, empty.
    The database is closed at the end. Raises `OSError` when the disk fails it, `DatabaseDamaged` (the copy).
    """
    if before and not afresh:
        copy(before, place)
    try:
        with duckdb.connect(str(place)) as db:
            db.execute("SET TimeZone = 'UTC'")
            _attach(db, before)
            if afresh or not before:
                create(db)
            yield db
    except (duckdb.OperationalError, duckdb.FatalException) as err:
        raise OSError(str(err).splitlines()[0]) from err


def _attach(db: duckdb.DuckDBPyConnection, before: Path | None) -> None:
    """Let queries name the tables of a generation `before.qa` and so on."""
    if before:
        db.execute(f"ATTACH '{str(before).replace(chr(39), chr(39) * 2)}' AS before (READ_ONLY)")
        return
    own = db.execute("SELECT current_database()").fetchall()[0][0]
    db.execute("ATTACH ':memory:' AS before")
    db.execute("USE before")
    create(db)
    db.execute(f'USE "{own}"')


def put_in_order(db: duckdb.DuckDBPyConnection) -> None:
    """Lay the rows of small tables down in their order; one who reads a large table asks for it (`read_table`)."""
    if count(db, "occurrences") > SMALL:
        return
    for name, order in IN_ORDER.items():
        db.execute(f'CREATE TEMP TABLE ordered AS SELECT t.* FROM "{name}" t {order}')
        db.execute(f'DELETE FROM "{name}"')
        db.execute(f'INSERT INTO "{name}" SELECT * FROM ordered')
        db.execute("DROP TABLE ordered")


def close_for_good(db: duckdb.DuckDBPyConnection, place: Path) -> dict[str, dict[str, str | int]]:
    """Checkpoint and close a new generation; its tables' rows and checksums. No log is left beside it."""
    tables = checksums(db)
    db.execute("DETACH before")
    db.execute("CHECKPOINT")
    db.close()
    log = place.with_name(place.name + ".wal")
    if log.exists():
        raise DatabaseDamaged(place, "a write-ahead log was left after the checkpoint")
    return tables


def checksums(db: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str | int]]:
    """Rows and an order-free checksum of each table."""
    found: dict[str, dict[str, str | int]] = {}
    for name in TABLES:
        sql = f'SELECT count(*), coalesce(bit_xor(hash(t)), 0)::VARCHAR FROM "{name}" t'
        rows, checksum = db.execute(sql).fetchall()[0]
        found[name] = {"rows": rows, "checksum": checksum}
    return found
