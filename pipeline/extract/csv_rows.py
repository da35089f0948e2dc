"""Reads tables as CSV or TSV: every row below the header is a record."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Literal, NamedTuple

from pipeline.errors import many
from pipeline.extract.columns import (
    Columns,
    Layout,
    distinct,
    is_answerless,
    layout_of,
    no_answer_column,
    plain_name,
    unknown_columns,
)
from pipeline.extract.guesses import asks as is_question
from pipeline.extract.guesses import guess_columns, question_column
from pipeline.extract.lines import TextLine, read_lines
from pipeline.extract.nested_values import is_title
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, Record, too_large
from pipeline.extract.rows import Source, is_page, record_of
from pipeline.limits import LONG_TITLE, SAMPLE_CHARACTERS
from pipeline.parse.known import Known
from pipeline.parse.questions import asks
from pipeline.text.encoding import BLANK

_DELIMITERS = ",;\t|"


def read_csv(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The rows of a table with quotes around cells. Row 1 is the one below the header."""
    return _read(stream, options, _DELIMITERS, csv.QUOTE_MINIMAL)


def read_tsv(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The rows of a table with tabs between cells; a quote is a character like any other."""
    return _read(stream, options, "\t", csv.QUOTE_NONE)


_HEAD_LINES = 20  # in which the header is looked for


class _Dialect(NamedTuple):
    """How the cells of a table are written: arguments of `csv.reader`."""

    delimiter: str
    quoting: Literal[0, 3]
    escapechar: str | None

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, **self._asdict())


class _Header(NamedTuple):
    """The names of the columns, and how many lines are above the first row of data, the header's included.

    `guessed`: the columns that were chosen by their cells.
    """

    names: list[str]
    lines_above: int
    lines_of_title: int
    dialect: _Dialect
    guessed: Columns = ()


def _read(stream: io.BufferedReader, options: ReadOptions, delimiters: str, quoting: Literal[0, 3]) -> Found:
    limit = options.max_document_bytes
    csv.field_size_limit(min(limit, 2**31 - 1))
    source = _split_at_returns(read_lines(stream, limit, options.encoding))
    head = list(islice(source, _HEAD_LINES))
    header = _find_header([line.text for line in head], options, delimiters, quoting)
    if header is None:
        first = _Dialect(max(delimiters, key=head[0].text.count) if head else ",", quoting, None)
        yield unknown_columns(_first_row(first, [line.text.lstrip("\ufeff") for line in head]))
        return
    title = "".join(line.text for line in head[: header.lines_of_title]).strip(BLANK)
    if title:
        is_certain = all(line.is_certain for line in head)
        yield Record(title, head[0].encoding, is_certain, 0, known=Known(furniture=((0, len(title)),)))
    header = header._replace(names=distinct(header.names))
    layout = layout_of(tuple(header.names), (*options.columns, *header.guessed))
    if is_answerless(header.names, layout):
        yield no_answer_column(header.names)
    table = _Table(header, layout, limit)
    yield from table.records(_Lines(chain(head[header.lines_above :], source)))


def column_names(stream: io.BufferedReader, options: ReadOptions, is_tsv: bool) -> list[str]:
    """The names of the columns of a table: its header, or its first row where none is known."""
    csv.field_size_limit(min(options.max_document_bytes, 2**31 - 1))
    source = _split_at_returns(read_lines(stream, options.max_document_bytes, options.encoding))
    head = [line.text.lstrip("\ufeff") for line in islice(source, _HEAD_LINES)]
    delimiters = "\t" if is_tsv else _DELIMITERS
    quoting: Literal[0, 3] = csv.QUOTE_NONE if is_tsv else csv.QUOTE_MINIMAL
    header = _find_header(head, options, delimiters, quoting)
    if header is not None:
        return header.names
    dialect = _Dialect(max(delimiters, key=head[0].count) if head else ",", quoting, None)
    return _first_row(dialect, head)


def _split_at_returns(lines: Iterator[TextLine]) -> Iterator[TextLine]:
    """The lines of a table; a file without LF has its line ends at CR."""
    first = next(lines, None)
    if first is None:
        return
    if "\n" in first.text or "\r" not in first.text:
        yield first
    else:
        yield from (first._replace(text=text) for text in first.text.splitlines(keepends=True))
    yield from lines


def _find_header(head: list[str], options: ReadOptions, delimiters: str, quoting: Literal[0, 3]) -> _Header | None:
    """The first row with known names of columns; without one, a table whose column asks has names of our own."""
    if not head:
        return None
    first = head[0].lstrip("\ufeff")
    start = 0
    if (named := _SEPARATOR.fullmatch(first.strip("\r\n"))) is not None:
        delimiters, start = named[1], 1
    lines = [first, *head[1:]][start:]
    text = "".join(lines)
    escape = "\\" if quoting == csv.QUOTE_MINIMAL and '\\"' in text and '""' not in text else None
    found: list[tuple[int, int, _Header]] = []
    for delimiter in delimiters:
        dialect = _Dialect(delimiter, quoting, escape)
        for row, end, begin in _rows_with_lines(dialect, lines):
            layout = layout_of(tuple(row), options.columns)
            if layout.holds_text and all(len(name) < LONG_TITLE for name in row):
                header = _Header(row, start + end, start + begin, dialect)
                found.append((len(layout.pairs) > 0, len(row), header))
                break
    if found:
        has_pairs, _, header = max(found, key=lambda item: item[:2])
        return header if has_pairs or options.columns else _with_question(header, lines[header.lines_above - start :])
    return _without_header(lines, delimiters, quoting, escape, start)


def _with_question(header: _Header, below: list[str]) -> _Header:
    """The header of a table with answers and no known question; a column of unknown name that asks becomes it."""
    layout = layout_of(tuple(header.names), ())
    rows = [row for row, _, _ in _rows_with_lines(header.dialect, below)]
    if len(rows) < 2 or "text" not in layout.of:
        return header
    for column, name in enumerate(header.names):
        if name not in layout.columns and not is_title(name):
            cells = [row[column].strip() if len(row) > column else "" for row in rows]
            if all(map(is_question, cells)):
                return header._replace(guessed=(("question", name), ("answer", layout.of["text"])))
    return header


def _rows_with_lines(dialect: _Dialect, lines: list[str]) -> Iterator[tuple[list[str], int, int]]:
    """The rows of some lines, with the numbers of lines read after and before each."""
    rows = csv.reader(lines, **dialect._asdict())
    before = 0
    with suppress(csv.Error):
        for row in rows:
            yield row, rows.line_num, before
            before = rows.line_num


def _first_row(dialect: _Dialect, lines: list[str]) -> list[str]:
    """The first row of some lines; empty where they are no table."""
    return next((row for row, _, _ in _rows_with_lines(dialect, lines)), [])


def _without_header(
    lines: list[str], delimiters: str, quoting: Literal[0, 3], escape: str | None, start: int
) -> _Header | None:
    """The header of a table without known names; its columns are guessed, and named by their numbers if need be."""
    found: list[_Header] = []
    for delimiter in delimiters:
        dialect = _Dialect(delimiter, quoting, escape)
        rows = [row for row, _, _ in _rows_with_lines(dialect, lines)]
        width = max(map(len, rows), default=0)
        numbers = [f"column {number}" for number in range(1, width + 1)]
        question = question_column(rows, width)
        if question is not None and width > 1:
            above = all(_NO_NAME.fullmatch(cell.strip()) for cell in rows[0]) or _is_header(rows, question)
        else:
            above = len(rows) > 1 and not any(map(is_page, rows[0]))
        names = numbers
        if above and len({plain_name(name) for name in rows[0] if plain_name(name)}) == width:
            names = [*rows[0]]
        guessed = guess_columns(names, rows[above:])
        if guessed:
            found.append(_Header(names, start + above, start, dialect, guessed))
    # Pairs before pages, then the delimiter that divides the rows: a page without one is a cell, whatever it is.
    return max(found, key=lambda header: (len(header.guessed), len(header.names) > 1), default=None)


def _is_header(rows: list[list[str]], column: int) -> bool:
    """Whether the first row names the columns: it is short and does not ask, and all rows below it ask."""
    first, below = rows[0], rows[1:]
    if len(below) < 2 or len(first) <= column or not all(len(cell.split()) <= 3 and cell.strip() for cell in first):
        return False
    if asks(first[column]) or is_question(first[column]):
        return False
    return all(is_question(row[column]) for row in below if len(row) > column)


# The header of a table that a program wrote without names: "0,1,2", "Unnamed: 0".
_NO_NAME = re.compile(r"\d{0,3}|(?:unnamed|column|col|field|spalte|colonne|columna)[\s:_]*\d{0,3}", re.IGNORECASE)
_SEPARATOR = re.compile(r"\"?sep=(.)\"?", re.IGNORECASE)


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

    def __init__(self, header: _Header, layout: Layout, limit: int) -> None:
        self.names, self.dialect, self.guessed = header.names, header.dialect, tuple(header.guessed)
        self.layout, self.limit = layout, limit
        self.number = 0
        answers = {answer for _, answer in layout.pairs} or {layout.of.get("text")}
        self.ends_in_text = answers == {self.names[-1]}

    def records(self, lines: _Lines, is_second_try: bool = False) -> Found:
        rows = self.dialect.rows(lines)
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
            if lines.is_at_end and len(lines.row) > 1 and not is_second_try and self.is_open(lines.row):
                yield self._flaw("opens a quotation mark that is never closed; correct it", lines.row)
                yield from self.records(_Lines(iter(lines.row[1:])), is_second_try=True)
                return
            yield self._record(row, lines.row)

    def _record(self, row: list[str], lines: list[TextLine]) -> Record | Flaw:
        if not all(line.is_whole for line in lines):
            return too_large(self.limit, self.number)
        if len(row) > len(self.names) and self.ends_in_text and not any('"' in line.text for line in lines):
            last = len(self.names) - 1  # the delimiter within a text that nobody quoted
            row = [*row[:last], self.dialect.delimiter.join(row[last:])]
        if any(cell.strip() for cell in row[len(self.names) :]):
            return self._flaw(
                f"has {many(len(row), 'cell')}, but the header has {len(self.names)}; put its text in quotation marks",
                lines,
            )
        cells = dict(zip(self.names, row, strict=False))
        doubtful = next((line for line in lines if not line.is_certain), None)
        encoding = (doubtful or lines[0]).encoding
        source = Source(self.number, self.limit, encoding, doubtful is None)
        record = record_of(cells, self.layout, source, guessed=self.guessed)
        return record or unknown_columns(self.names)

    def _broken(self, err: csv.Error, lines: Iterable[TextLine]) -> Flaw:
        if "field larger" in str(err):
            return too_large(self.limit, self.number)
        return self._flaw(f"is not a row of a table ({err}); correct it", lines)

    def _flaw(self, what: str, lines: Iterable[TextLine]) -> Flaw:
        sample = next((line.text for line in lines), "")[:SAMPLE_CHARACTERS]
        return Flaw("damaged", f"row {self.number} {what}", self.number, sample)

    def is_open(self, lines: Iterable[TextLine]) -> bool:
        """Whether a quote in these lines is not closed."""
        return self.dialect.quoting != csv.QUOTE_NONE and sum(line.text.count('"') for line in lines) % 2 == 1
