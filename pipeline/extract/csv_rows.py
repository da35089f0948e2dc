"""Reads tables as CSV or TSV: every row below the header is a record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from pipeline.extract.columns import Layout, is_answerless, layout_of, no_answer_column, unknown_columns
from pipeline.extract.lines import TextLine, read_lines
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, Record, too_large
from pipeline.extract.rows import Source, record_of
from pipeline.limits import SAMPLE_CHARACTERS

_DELIMITERS = ",;\t|"


def read_csv(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The rows of a table whose first row names its columns. Row 1 is the one below the header."""
    limit = options.max_document_bytes
    csv.field_size_limit(min(limit, 2**31 - 1))
    lines = _Lines(read_lines(stream, limit))
    first = next(lines, "").lstrip("\ufeff")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        names = next(csv.reader(chain([first], lines), delimiter=delimiter), [])
    except csv.Error:
        names = []
    table = _Table(names, layout_of(tuple(names), options.columns), delimiter, limit)
    if table.layout.holds_text:
        if is_answerless(names, table.layout):
            yield no_answer_column(names)
        yield from table.records(lines)
    else:
        yield unknown_columns(names)


class _Lines:
    """The text of lines, for the csv module; remembers those of the row it is at."""

    def __init__(self, lines: Iterator[TextLine]) -> None:
        self._lines = lines
        self.row: list[TextLine] = []
        self.is_at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.is_at_end = True
            raise StopIteration
        self.row.append(line)
        return line.text


class _Table:
    """The columns of one table, and its rows as records."""

    def __init__(self, names: list[str], layout: Layout, delimiter: str, limit: int) -> None:
        self.names, self.layout, self.delimiter, self.limit = names, layout, delimiter, limit
        self.number = 0

    def records(self, lines: _Lines, is_second_try: bool = False) -> Found:
        rows = csv.reader(lines, delimiter=self.delimiter)
        while True:
            lines.row.clear()
            try:
                row = next(rows, None)
            except csv.Error as err:
                self.number += 1
                yield self._broken(err, lines.row)
                continue
            if row is None:
                return
            if not any(row) and all(line.is_whole for line in lines.row):
                continue  # a blank line between rows
            self.number += 1
            if lines.is_at_end and len(lines.row) > 1 and not is_second_try and _is_open(lines.row):
                yield self._flaw("opens a quote that is never closed; mend it", lines.row)
                yield from self.records(_Lines(iter(lines.row[1:])), is_second_try=True)
                return
            yield self._record(row, lines.row)

    def _record(self, row: list[str], lines: list[TextLine]) -> Record | Flaw:
        if not all(line.is_whole for line in lines):
            return too_large(self.limit, self.number)
        if any(cell.strip() for cell in row[len(self.names) :]):
            return self._flaw(f"has {len(row)} cells, the header {len(self.names)}; quote its text", lines)
        cells = dict(zip(self.names, row, strict=False))
        doubtful = next((line for line in lines if not line.is_certain), None)
        encoding = (doubtful or lines[0]).encoding
        source = Source(self.number, self.limit, encoding, doubtful is None)
        return record_of(cells, self.layout, source) or unknown_columns(self.names)

    def _broken(self, err: csv.Error, lines: Iterable[TextLine]) -> Flaw:
        if "field larger" in str(err):
            return too_large(self.limit, self.number)
        return self._flaw(f"is no row of a table ({err}); mend it", lines)

    def _flaw(self, what: str, lines: Iterable[TextLine]) -> Flaw:
        sample = next((line.text for line in lines), "")[:SAMPLE_CHARACTERS]
        return Flaw("damaged", f"row {self.number} {what}", self.number, sample)


def _is_open(lines: Iterable[TextLine]) -> bool:
    return sum(line.text.count('"') for line in lines) % 2 == 1
