"""Reads tables as Parquet, a few rows at a time and in bounded memory; every row is a record."""

from __future__ import annotations

import io
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pipeline.errors import first_line
from pipeline.extract.archives import FREE, MAX_RATIO, ArchiveStopped
from pipeline.extract.columns import Columns, distinct, is_answerless, layout_of, no_answer_column, unknown_columns
from pipeline.extract.guesses import HEAD_ROWS, guess_columns
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, Record
from pipeline.extract.rows import Source, record_of
from pipeline.limits import MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_ROWS = 16  # read at once: a row of four columns takes 78 µs by itself, 5 µs among 16, 3.5 µs among 256
_SPOOLED = 2**26
# Memory that reading these rows may take. A dictionary, a list or a prefix can repeat one value without end: 45 kB have
# been 300 MB of rows, and one row of 1 kB can be a terabyte.
MEMORY = 2**30
_ROW_BYTES = 16  # that a row counts besides its text, so that empty ones end, too


def read_parquet(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The rows of a table, from 1. A packed file is unpacked to a temporary one first: its index is at its end."""
    import pyarrow as pa

    with tempfile.SpooledTemporaryFile(_SPOOLED) as spooled:
        source: IO[bytes] = stream
        if not stream.seekable() or not isinstance(stream.raw, io.FileIO):
            shutil.copyfileobj(stream, spooled)
            source = spooled
        try:
            yield from _records(source, options)
        except MemoryError:
            detail = f"a row takes more than {MEMORY:,} bytes of memory; split it, and what is below it was not read"
            yield Flaw("too_large", detail)
        except UnicodeDecodeError:
            yield Flaw("damaged", "the name of a column is no UTF-8; write the table again with other names")
        except pa.ArrowException as err:
            yield Flaw("damaged", f"not a Parquet file, or an incomplete one ({first_line(err)}); fetch it again")


def _records(source: IO[bytes], options: ReadOptions) -> Found:
    from pyarrow.parquet import ParquetFile

    size = source.seek(0, io.SEEK_END)
    with _bounded_memory():
        table = ParquetFile(source, memory_map=False, pre_buffer=False)
    names = distinct(table.schema_arrow.names)
    layout = layout_of(tuple(names), options.columns)
    guessed: Columns = ()
    if not layout.holds_text:
        guessed = guess_columns(names, [[_cell(value) for value in row] for row in islice(_rows(table), HEAD_ROWS)])
        layout = layout_of(tuple(names), (*options.columns, *guessed))
    if not layout.holds_text:
        yield unknown_columns(names)
        return
    if is_answerless(names, layout):
        yield no_answer_column(names)
    given = 0
    for number, values in enumerate(_rows(table), 1):
        source_of_row = Source(number, options.max_document_bytes)
        found = record_of(dict(zip(names, values, strict=True)), layout, source_of_row, guessed=guessed)
        yield found or unknown_columns(names)
        given += _ROW_BYTES + (len(found.text) if isinstance(found, Record) else 0)
        if given > MAX_UNPACKED_BYTES:
            raise ArchiveStopped(f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        if given > FREE and given > MAX_RATIO * size:
            raise ArchiveStopped(f"unpacks to more than {MAX_RATIO} times its size")


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _rows(table: ParquetFile) -> Iterator[tuple[Any, ...]]:
    """The values of each row. Raises `MemoryError` where one row does not fit into `MEMORY`."""
    for group in range(table.num_row_groups):
        done = 0
        for rows in (_ROWS, 1):
            batches = table.iter_batches(rows, row_groups=[group], use_threads=False)
            start = 0
            try:
                while (values := _next_values(batches, skip=start < done)) is not None:
                    if start >= done:
                        yield from values
                    start += len(values)
                    done = max(done, start)
                break
            except MemoryError:
                if rows == 1:
                    raise


def _next_values(batches: Iterator[Any], skip: bool) -> list[tuple[Any, ...]] | None:
    """The values of the next rows, row by row, or only their number; None at the end."""
    with _bounded_memory():
        batch = next(batches, None)
        if batch is None:
            return None
        if skip:
            return [()] * len(batch)
        return list(zip(*map(_values, batch.columns), strict=True))


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """A block in which this process gets no more than `MEMORY`; what needs more raises `MemoryError` (on Linux)."""
    try:
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = taken + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (bound if soft == resource.RLIM_INFINITY else min(soft, bound), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


# ---------------------------------------------------------------- values


def _values(column: Any) -> list[Any]:
    """The values of a column as Python has them in JSON, with times and decimals; the odd ones as `_odd_value` does."""
    try:
        values = column.to_pylist()
    except MemoryError:
        raise
    except Exception:  # no UTF-8, a time outside of Python's years, a time zone that nobody knows: pyarrow raises many
        return [_value(scalar) for scalar in column]
    return list(map(_plain, values))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bytes | int | float | Decimal | date | time):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return list(map(_plain, value))
    return str(value)


def _value(scalar: Any) -> Any:
    try:
        value = scalar.as_py()
    except MemoryError:
        raise
    except Exception:  # as above
        return _odd_value(scalar)
    return _plain(value)


def _odd_value(scalar: Any) -> Any:
    """A value that has no form in Python: text as bytes, a time as its number, what is nested part by part."""
    import pyarrow as pa

    kind = scalar.type
    if pa.types.is_struct(kind):
        return {kind.field(index).name: _value(scalar[index]) for index in range(kind.num_fields)}
    if pa.types.is_nested(kind):
        return [_value(inner) for inner in scalar.values]
    if pa.types.is_temporal(kind):
        return str(scalar.value)
    if hasattr(scalar, "as_buffer"):
        return scalar.as_buffer().to_pybytes()
    return _value(scalar.value) if hasattr(scalar, "value") else None
