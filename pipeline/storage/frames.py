"""Tables as pandas frames: read from DuckDB, checked by pandera, and written to it where every row fits its schema."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.errors import TableRejected
from pipeline.storage import statements
from pipeline.storage.arrow import ROW_CHECKS, arrow_types, fits, insert
from pipeline.storage.schema import IN_ORDER, TABLES, Table, columns, duckdb_type
from pipeline.storage.spark_unseen import spark_unseen
from pipeline.storage.statements import tables_in

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

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
    rows = db.sql(f'SELECT t.* FROM "{name}" t {IN_ORDER[name]}').to_arrow_table()
    frame = to_frame(rows)
    if fits(TABLES[name], rows):
        return frame
    for column, spec in columns(TABLES[name]).items():
        if column not in frame.columns:
            value = None if spec.nullable else _default(duckdb_type(spec))
            frame[column] = pd.Series([value] * len(frame), frame.index, dtype=object)
    return fit(TABLES[name], frame)


_DEFAULTS: dict[str, str | bool | int | float] = {"VARCHAR": "", "BOOLEAN": False, "BIGINT": 0, "DOUBLE": 0.0}


def _default(duckdb_type: str) -> object:
    """The value of a column that an older database does not have."""
    return [] if duckdb_type.endswith("[]") else _DEFAULTS[duckdb_type]


# ---------------------------------------------------------------- writing


def write(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Insert the rows of `frame` into a table; all must fit it. Raises `TableRejected`."""
    table = TABLES[name]
    insert(db, name, to_arrow(table, fit(table, frame)))


def to_arrow(table: type[Table], frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow with the types of its table; columns that the frame does not have are left out."""
    arrays = {}
    for name, kind in arrow_types(table).items():
        if name in frame.columns:
            values = frame[name].tolist() if frame[name].dtype == object else frame[name]
            arrays[name] = pa.Array.from_pandas(values, type=kind)
    return pa.table(arrays)


# ---------------------------------------------------------------- cells and types

# Pandas' types, by annotation.
DTYPES: dict[str, Any] = {
    "str": pd.StringDtype(na_value=float("nan")),
    "pd.Int64Dtype": pd.Int64Dtype(),
    "bool": np.dtype(bool),
    "float": np.dtype(float),
    "object": np.dtype(object),
    "pd.DatetimeTZDtype": pd.DatetimeTZDtype("us", "UTC"),
}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as mappings, missing values as None."""
    return [
        {str(name): None if is_missing(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing (None, NaN, NA or NaT); a list never does."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def empty(table: type[Table]) -> pd.DataFrame:
    """The table without rows, with the right dtypes."""
    types = {name: DTYPES[column.type] for name, column in columns(table).items()}
    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in types.items()})


# ---------------------------------------------------------------- checks


def fit(table: type[Table], frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the table's columns in order and its dtypes; other columns are left out.

    Raises `TableRejected` when a row does not fit, naming the first failure.
    """
    fitting, failures = sift(table, frame)
    if len(failures):
        raise _rejected(table, failures)
    return fitting


def sift(table: type[Table], frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that fit, and the failures of the rest: index (a row's label), column, check, failure_case.

    Raises `TableRejected` when the frame as a whole does not fit (a column missing or of another type).
    """
    wanted = list(columns(table))
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise TableRejected(table.__name__.lower(), len(missing), f"{missing[0]}: the column is missing")
    frame = frame[wanted].reset_index(drop=True)
    no_failures = pd.DataFrame(columns=_FAILURE)
    if frame.empty:
        return empty(table), no_failures
    if _is_fitting(table, frame):
        return frame, no_failures
    schema = table.to_schema()  # first, because it hides pyspark from pandera
    from pandera.errors import SchemaErrors

    try:
        return schema.validate(frame, lazy=True), no_failures
    except SchemaErrors as err:
        failures: pd.DataFrame = err.failure_cases[_FAILURE]
    of_frame = failures[failures["index"].isna()]
    if len(of_frame):
        raise _rejected(table, of_frame)
    fitting = frame[~frame.index.isin(failures["index"])].reset_index(drop=True)
    return (schema.validate(fitting, lazy=True) if len(fitting) else empty(table)), failures


_FAILURE = ["index", "column", "check", "failure_case"]


def _rejected(table: type[Table], failures: pd.DataFrame) -> TableRejected:
    first = failures.iloc[0]
    what = f"{first['column']}: {first['check']} ({first['failure_case']!r})"
    return TableRejected(table.__name__.lower(), len(failures), what)


def _is_fitting(table: type[Table], frame: pd.DataFrame) -> bool:
    """Whether a frame with the columns of its table has the right dtypes and passes the quick checks (`arrow.fits`).

    They accept what pandera accepts, which copies and coerces each column.
    """
    if any(frame[name].dtype != DTYPES[column.type] for name, column in columns(table).items()):
        return False
    try:
        return fits(table, to_arrow(table, frame))
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a list of something else
        return False


def to_schema(table: type[Table]) -> DataFrameSchema:
    """The table for pandera. A run imports pandera, which takes 0.25 s, only when a row does not fit."""
    with spark_unseen():
        import pandera.pandas as pandera
        from pandera.typing import get_dataframe_types

        get_dataframe_types()  # imports pyspark, as the first check does: do both here
        pandera.DataFrameSchema().validate(pd.DataFrame())
    return pandera.DataFrameSchema(
        {
            name: pandera.Column(
                DTYPES[column.type],
                [
                    getattr(pandera.Check, check)(**bound)
                    if isinstance(bound, dict)
                    else getattr(pandera.Check, check)(bound)
                    for check, bound in column.checks.items()
                ],
                nullable=column.nullable,
                unique=column.unique,
                description=column.description,
            )
            for name, column in columns(table).items()
        },
        [pandera.Check(partial(_fit_row_check, table, check), name=check) for check in table.row_checks],
        unique=list(table.unique) or None,
        strict=True,
        coerce=True,
        ordered=True,
        name=table.__name__,
        description=table.__doc__,
    )


def _fit_row_check(table: type[Table], check: str, frame: pd.DataFrame) -> pd.Series[bool]:
    """Whether each row of a frame passes a check of rows."""
    are_fitting = ROW_CHECKS[check](to_arrow(table, frame)).fill_null(True)
    return pd.Series(are_fitting.to_pylist(), frame.index, dtype=bool)
