"""The tables as frames: out of DuckDB, and into it where every row fits. Opening it is `door`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.storage.connection import count, run, statement, tables_in
from pipeline.storage.schema import IN_ORDER, TABLES, Table, columns, duckdb_type, empty, fit

__all__ = [
    "arrow_types",
    "count",
    "frame_of",
    "insert",
    "lay",
    "put_in_order",
    "query",
    "read_table",
    "run",
    "statement",
    "to_arrow",
    "write",
]

# Occurrences; to lay the tables of so many down anew takes .7 s, of 140,000 5 s, a fifth of a refresh of 1 %.
SMALL = 20_000

# ---------------------------------------------------------------- queries


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
    plain = arrow.cast(pa.schema(fields))
    lists = [f.name for f in fields if pa.types.is_list(f.type)]
    frame: pd.DataFrame = plain.drop_columns(lists).to_pandas(types_mapper=_PANDAS.get)
    for name in lists:  # a tenth of the time of the arrays that pandas would make of them
        frame.insert(plain.column_names.index(name), name, pd.Series(plain[name].to_pylist(), dtype=object))
    return frame


def _shape(kind: pa.DataType) -> str:
    return "decimal" if pa.types.is_decimal(kind) else "time" if pa.types.is_timestamp(kind) and kind.tz else "other"


# Sums of whole numbers are HUGEINT, a decimal to Arrow; times come in the session's zone, which is UTC.
_PLAINER = {"decimal": pa.float64(), "time": pa.timestamp("us", "UTC")}
_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}


def write(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Add the rows of `frame` to a table; they must fit it. Raises `TableRejected`."""
    table = TABLES[name]
    insert(db, name, to_arrow(table, fit(table, frame)))


def insert(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Add rows that are known to fit a table.

    They are named in the query as Python names them: rows that are registered are held until the transaction ends.
    """
    db.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rows")


BLOCK = 10_000  # rows worked on at a time: 15 MB of answers


def blocks(db: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """The rows of a table that nothing is deleted from, in order, some thousands at a time."""
    for start in range(0, count(db, name), BLOCK):
        yield db.sql(f'from "{name}" where rowid >= {start} and rowid < {start + BLOCK}').to_arrow_table()


_ARROW = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}


def lay_down(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make a temporary table of these rows, in place of one of that name."""
    db.register("incoming", rows)
    db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    db.unregister("incoming")


def drop_temporary(db: duckdb.DuckDBPyConnection, but: Sequence[str]) -> None:
    """Drop every temporary table but these."""
    for (name,) in db.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall():
        if name not in but:
            db.execute(f'DROP TABLE "{name}"')


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


def read_table(db: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """A table as a frame that fits its schema, its rows in order.

    A column that an older database does not have is null; where it may not be, false or empty.
    """
    if name not in tables_in(db):
        return empty(TABLES[name])
    frame = frame_of(db.sql(f'SELECT t.* FROM "{name}" t {IN_ORDER[name]}'))
    for column, spec in columns(TABLES[name]).items():
        if column not in frame.columns:
            frame[column] = None if spec.nullable else _STAND_INS[duckdb_type(spec)]
    return fit(TABLES[name], frame)


_STAND_INS: dict[str, str | bool | int | float] = {"VARCHAR": "", "BOOLEAN": False, "BIGINT": 0, "DOUBLE": 0.0}


def put_in_order(db: duckdb.DuckDBPyConnection) -> None:
    """Lay the rows of small tables down in their order; one who reads a large table asks for it (`read_table`)."""
    if count(db, "occurrences") > SMALL:
        return
    for name, order in IN_ORDER.items():
        db.execute(f'CREATE TEMP TABLE ordered AS SELECT t.* FROM "{name}" t {order}')
        db.execute(f'DELETE FROM "{name}"')
        db.execute(f'INSERT INTO "{name}" SELECT * FROM ordered')
        db.execute("DROP TABLE ordered")
