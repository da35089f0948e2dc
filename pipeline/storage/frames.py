"""Tables as pandas frames and Arrow tables: read from DuckDB, and written to it where every row fits its schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.storage import statements
from pipeline.storage.schema import IN_ORDER, TABLES, Table, columns, duckdb_type, empty, fit
from pipeline.storage.statements import count, tables_in

# Occurrences up to which all tables are sorted, so that what people read without an order is in one. Sorted tables are
# written anew: of a refresh of 14,000 occurrences in which 1 % of the files changed, sorting and the larger checkpoint
# take 1.1 of 4.8 s of processor time.
SORTED_OCCURRENCES = 5_000
BLOCK_ROWS = 10_000  # rows of a block: 15 MB of answers

# ---------------------------------------------------------------- reading


def query(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> pd.DataFrame:
    """The answer of `sql/<name>.sql` as a frame."""
    return frame_of(statements.answer(db, name, **parameters))


def frame_of(answer: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """A DuckDB answer as a frame: text as `str`, whole numbers as `Int64`, times in UTC, lists as Python lists.

    It is read as Arrow: DuckDB's own `df()` turns whole numbers with gaps into floats.
    """
    return to_frame(answer.to_arrow_table())


def to_frame(arrow: pa.Table) -> pd.DataFrame:
    """Arrow rows as a frame, with the types of `frame_of`."""
    fields = [pa.field(f.name, _PLAIN_TYPES.get(_type_group(f.type), f.type)) for f in arrow.schema]
    plain = arrow.cast(pa.schema(fields))
    lists = [f.name for f in fields if pa.types.is_list(f.type)]
    frame: pd.DataFrame = plain.drop_columns(lists).to_pandas(types_mapper=_PANDAS.get)
    for name in lists:  # pandas would make NumPy arrays, which takes ten times as long
        frame.insert(plain.column_names.index(name), name, pd.Series(plain[name].to_pylist(), dtype=object))
    return frame


def _type_group(kind: pa.DataType) -> str:
    return "decimal" if pa.types.is_decimal(kind) else "time" if pa.types.is_timestamp(kind) and kind.tz else "other"


# Sums of whole numbers are HUGEINT, which Arrow reads as decimal; times come in the session's zone, which is UTC.
_PLAIN_TYPES = {"decimal": pa.float64(), "time": pa.timestamp("us", "UTC")}
_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}


def read_table(db: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """A table as a frame that fits its schema, its rows in order.

    A column that an older database does not have is null, or false, zero or empty where null is not allowed.
    """
    if name not in tables_in(db):
        return empty(TABLES[name])
    frame = frame_of(db.sql(f'SELECT t.* FROM "{name}" t {IN_ORDER[name]}'))
    for column, spec in columns(TABLES[name]).items():
        if column not in frame.columns:
            value = None if spec.nullable else _default(duckdb_type(spec))
            frame[column] = pd.Series([value] * len(frame), frame.index, dtype=object)
    return fit(TABLES[name], frame)


_DEFAULTS: dict[str, str | bool | int | float] = {"VARCHAR": "", "BOOLEAN": False, "BIGINT": 0, "DOUBLE": 0.0}


def _default(duckdb_type: str) -> object:
    """The value of a column that an older database does not have."""
    return [] if duckdb_type.endswith("[]") else _DEFAULTS[duckdb_type]


def blocks(db: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """The rows of a table in order, `BLOCK_ROWS` at a time; no row of it may ever have been deleted."""
    for start in range(0, count(db, name), BLOCK_ROWS):
        yield db.sql(f'from "{name}" where rowid >= {start} and rowid < {start + BLOCK_ROWS}').to_arrow_table()


# ---------------------------------------------------------------- writing


def write(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Insert the rows of `frame` into a table; all must fit it. Raises `TableRejected`."""
    table = TABLES[name]
    insert(db, name, to_arrow(table, fit(table, frame)))


def insert(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Insert rows that are known to fit a table.

    The query names the Python variable `rows`: rows that are registered stay in memory until the transaction ends.
    """
    db.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rows")


def create_temp_table(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Create (or replace) a temporary table with these rows."""
    db.register("incoming", rows)
    db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    db.unregister("incoming")


def sort_tables_of_small_ledger(db: duckdb.DuckDBPyConnection) -> None:
    """Write the rows of every table in order, unless there are many; readers of a large table ask for the order."""
    if count(db, "occurrences") > SORTED_OCCURRENCES:
        return
    for name, order in IN_ORDER.items():
        db.execute(f'CREATE TEMP TABLE ordered AS SELECT t.* FROM "{name}" t {order}')
        db.execute(f'DELETE FROM "{name}"')
        db.execute(f'INSERT INTO "{name}" SELECT * FROM ordered')
        db.execute("DROP TABLE ordered")


# ---------------------------------------------------------------- types

_ARROW = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}


def to_arrow(table: type[Table], frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow with the types of its table; columns that the frame does not have are left out."""
    arrays = {}
    for name, kind in arrow_types(table).items():
        if name in frame.columns:
            values = frame[name].tolist() if frame[name].dtype == object else frame[name]
            arrays[name] = pa.Array.from_pandas(values, type=kind)
    return pa.table(arrays)


def arrow_types(table: type[Table]) -> dict[str, pa.DataType]:
    """The Arrow types of a table's columns, in order."""
    return {name: _arrow_type(duckdb_type(column)) for name, column in columns(table).items()}


@cache
def _arrow_type(sql: str) -> pa.DataType:
    if sql in _ARROW:
        return _ARROW[sql]
    with duckdb.connect() as db:
        return db.sql(f"SELECT CAST(NULL AS {sql}) AS value").to_arrow_table().schema.field("value").type
