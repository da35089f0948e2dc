"""Reads tables as Parquet, a few rows at a time; every row is a record."""

from __future__ import annotations

import io
import shutil
import tempfile
from typing import IO, Any

from pipeline.extract.archives import ArchiveStopped
from pipeline.extract.columns import is_answerless, layout_of, no_answer_column, unknown_columns
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, first_line
from pipeline.extract.rows import Source, record_of
from pipeline.limits import MAX_UNPACKED_BYTES

_BATCH = 256  # rows; a larger batch is hardly faster and holds more documents at once
_SPOOLED = 2**26
WIDE = 64  # bits of a time that may lie outside of Python's years


def read_parquet(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The rows of a table, from 1. A packed file is unpacked to a temporary one first: its index is at its end."""
    import pyarrow as pa

    with tempfile.SpooledTemporaryFile(_SPOOLED) as spooled:
        source: IO[bytes] = stream
        if not stream.seekable() or not isinstance(stream.raw, io.FileIO):
            shutil.copyfileobj(stream, spooled)
            spooled.seek(0)
            source = spooled
        try:
            yield from _rows(source, options)
        except pa.ArrowException as err:
            yield Flaw("damaged", f"not a Parquet file, or an incomplete one ({first_line(err)}); fetch it again")


def _rows(source: IO[bytes], options: ReadOptions) -> Found:
    from pyarrow.parquet import ParquetFile

    table = ParquetFile(source, memory_map=False, pre_buffer=False)
    names = [str(name) for name in table.schema_arrow.names]
    layout = layout_of(tuple(names), options.columns)
    if not layout.holds_text:
        yield unknown_columns(names)
        return
    if is_answerless(names, layout):
        yield no_answer_column(names)
    number = given = 0
    for batch in table.iter_batches(_BATCH):
        given += batch.nbytes
        if given > MAX_UNPACKED_BYTES:
            raise ArchiveStopped(f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        for row in _plain_rows(batch):
            number += 1
            yield record_of(row, layout, Source(number, options.max_document_bytes)) or unknown_columns(names)


def _plain_rows(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch; text that is no UTF-8 comes as bytes."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except (UnicodeDecodeError, OverflowError, ValueError):  # no UTF-8, or a time outside of Python's years
        import pyarrow as pa

        columns = [
            c.cast(pa.binary())
            if pa.types.is_string(c.type)
            else c.cast(pa.int64()).cast(pa.string())
            if pa.types.is_temporal(c.type) and c.type.bit_width == WIDE
            else c
            for c in batch.columns
        ]
        rows = pa.record_batch(columns, names=batch.schema.names).to_pylist()
    return rows
