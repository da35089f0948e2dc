"""Rows as Arrow tables: read from DuckDB, checked against the schema of their table, and written to DuckDB.

A run has no other rows: pandas takes .2 s to import, so only `frames` imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.storage.schema import Table, columns, duckdb_type
from pipeline.storage.statements import count

BLOCK_ROWS = 10_000  # rows of a block: 15 MB of answers

# ---------------------------------------------------------------- reading and writing


def blocks(db: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """The rows of a table in order, `BLOCK_ROWS` at a time; no row of it may ever have been deleted."""
    for start in range(0, count(db, name), BLOCK_ROWS):
        yield db.sql(f'from "{name}" where rowid >= {start} and rowid < {start + BLOCK_ROWS}').to_arrow_table()


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


# ---------------------------------------------------------------- types

_TYPES = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}


def arrow_types(table: type[Table]) -> dict[str, pa.DataType]:
    """The Arrow types of a table's columns, in order."""
    return {name: _arrow_type(duckdb_type(column)) for name, column in columns(table).items()}


@cache
def _arrow_type(sql: str) -> pa.DataType:
    """The Arrow type of a column: one of `_TYPES`, or a list of structs of them.

    >>> _arrow_type('STRUCT(field VARCHAR, "start" BIGINT)[]')
    ListType(list<item: struct<field: string, start: int64>>)
    """
    if sql in _TYPES:
        return _TYPES[sql]
    fields = [field.split() for field in sql.removeprefix("STRUCT(").removesuffix(")[]").split(", ")]
    return pa.list_(pa.struct([(name.strip('"'), _TYPES[kind]) for name, kind in fields]))


# ---------------------------------------------------------------- checks


def fits(table: type[Table], rows: pa.Table) -> bool:
    """Whether rows have the columns of their table in order, its types, and pass every check.

    The checks are those that pandera makes (`frames.sift`), which need a frame, take six times as long or more, and
    list the failures.
    """
    if dict(zip(rows.column_names, rows.schema.types, strict=True)) != arrow_types(table):
        return False
    return all(_is_fitting(rows[name], column) for name, column in table.columns.items()) and (
        (not table.unique or _is_unique(pc.binary_join_element_wise(*map(rows.column, table.unique), "\n")))
        and all(_holds(ROW_CHECKS[check](rows)) for check in table.row_checks)
    )


def _is_fitting(values: pa.ChunkedArray, column: Any) -> bool:
    return (
        (column.nullable or not values.null_count)
        and (not column.unique or _is_unique(values))
        and all(_holds(CHECKS[check](values, bound)) for check, bound in column.checks.items())
    )


def _is_unique(values: pa.ChunkedArray) -> bool:
    return bool(pc.count_distinct(values, mode="all").as_py() == len(values))


def _holds(are_fitting: pa.ChunkedArray) -> bool:
    """Whether no value is false; a null is neither."""
    return pc.all(are_fitting).as_py() is not False


# Whether each value fits, as in pandera's checks of these names.
CHECKS: Mapping[str, Callable[[pa.ChunkedArray, Any], pa.ChunkedArray]] = {
    "ge": pc.greater_equal,
    "le": pc.less_equal,
    "isin": lambda values, allowed: pc.or_kleene(pc.is_in(values, pa.array(allowed)), pc.is_null(values)),
    "str_startswith": pc.starts_with,
    "str_length": lambda values, bounds: pc.and_(
        pc.greater_equal(pc.utf8_length(values), bounds["min_value"]),
        pc.less_equal(pc.utf8_length(values), bounds.get("max_value", 2**31 - 1)),
    ),
}


def spans_run_forward(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the characters and the lines of each row start before they end."""
    return pc.and_(pc.less(rows["char_start"], rows["char_end"]), pc.less_equal(rows["line_start"], rows["line_end"]))


def answered_means_an_answer(rows: pa.Table) -> pa.ChunkedArray:
    """Whether each row has an answer, or is not answered."""
    return pc.equal(rows["is_answered"], pc.is_valid(rows["answer_raw"]))


def low_is_not_above_high(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the bounds of each row are in order; null where one is open."""
    return pc.less_equal(rows["low"], rows["high"])


def has_a_bound(rows: pa.Table) -> pa.ChunkedArray:
    """Whether one bound of each row is not open."""
    return pc.or_(pc.is_valid(rows["low"]), pc.is_valid(rows["high"]))


# Whether each row fits.
ROW_CHECKS: Mapping[str, Callable[[pa.Table], pa.ChunkedArray]] = {
    check.__name__: check for check in (spans_run_forward, answered_means_an_answer, low_is_not_above_high, has_a_bound)
}
