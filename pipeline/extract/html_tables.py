"""Writes the tables of a web page as lines: row and column headers beside each value, or question and answer.

A table of layout (one column, long texts, headings, a table within a table) is left as its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.extract.columns import layout_of
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.characters import with_plain_marks

LONG_CELL = 400  # characters; cells of figures have up to 100, paragraphs of layout more
MOST_LINES_IN_CELL = 6
MOST_COLUMNS = 60  # also of one cell that spans many
MOST_ROWS = 1000  # that one cell spans


class Cell(NamedTuple):
    """A cell: its text, whether it is a header (`<th>`), and how many columns and rows it covers."""

    text: str
    is_header: bool
    columns: int = 1
    rows: int = 1

    @property
    def line(self) -> str:
        """The text in one line."""
        return " ".join(self.text.split())


@dataclass(slots=True)
class Table:
    """A table while it is read: its caption, and its rows, each with whether it is in the table's head."""

    caption: str = ""
    rows: list[tuple[list[Cell], bool]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its text, in the order of the page."""
        return "\n".join([self.caption, *(cell.text for cells, _ in self.rows for cell in cells)])


class Rendered(NamedTuple):
    """A table as text; `pairs` are the spans of questions and answers in it, `header` that of their header."""

    text: str
    pairs: tuple[tuple[int, int, int, int], ...] = ()
    header: tuple[int, int] = (0, 0)


def render(table: Table) -> Rendered | None:
    """The table as lines; None for a table of layout.

    >>> head, row = [Cell("Plan", True), Cell("Fee", True)], [Cell("Small", True), Cell("$9", False)]
    >>> render(Table("", [(head, False), (row, False)])).text
    'Plan | Fee\\nSmall | Fee: $9'
    """
    rows = [(cells, is_head) for cells, is_head in table.rows if any(cell.text.strip() for cell in cells)]
    if len(rows) < 2 or max(len(cells) for cells, _ in rows) < 2:
        return None
    asked = _as_pairs(table.caption, [cells for cells, _ in rows])
    if asked is not None:
        return asked
    if any(
        len(cell.text) > LONG_CELL or cell.text.count("\n") >= MOST_LINES_IN_CELL for row, _ in rows for cell in row
    ):
        return None
    lines = [" ".join(table.caption.split())] if table.caption.strip() else []
    return Rendered("\n".join(lines + _as_figures(rows)))


# ---------------------------------------------------------------- figures


def _as_figures(rows: Sequence[tuple[list[Cell], bool]]) -> list[str]:
    """The lines of a table of figures: header rows, then each row with the header before each value."""
    count = 0
    while count < len(rows) and rows[count][1]:
        count += 1
    if not count and len(rows) > 1 and _is_header(rows[0][0]):
        count = 1
        spans = max(cell.rows for cell in rows[0][0])
        while count < min(spans, len(rows)) and _is_header(rows[count][0]):
            count += 1
        if count == 1 and any(cell.columns > 1 for cell in rows[0][0]) and len(rows) > 2 and _is_header(rows[1][0]):
            count = 2
    if count == len(rows):
        count = 0
    grid = _grid([cells for cells, _ in rows])
    names = _names(grid[:count])
    lines = [" | ".join(cell.line for cell in cells if cell.line) for cells, _ in rows[:count]]
    for row in grid[count:]:
        shown = []
        for column, cell in enumerate(row):
            if not cell.line or (column and row[column - 1] is cell):
                continue
            name = names[column] if column < len(names) else ""
            shown.append(f"{name}: {cell.line}" if column and name else cell.line)
        lines.append(" | ".join(shown))
    return [line for line in lines if line]


def _is_header(cells: Sequence[Cell]) -> bool:
    """Whether a row holds header cells alone; an empty corner does not count."""
    return any(cell.is_header for cell in cells) and all(cell.is_header or not cell.line for cell in cells)


def _grid(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows with each cell in every row and column it covers."""
    grid: list[list[Cell]] = []
    waiting: dict[int, tuple[Cell, int]] = {}  # by column: a cell from above, and the rows it still covers
    for cells in rows:
        row: list[Cell] = []
        for cell in cells:
            _fill(row, waiting)
            for _ in range(min(cell.columns, MOST_COLUMNS - len(row))):
                if cell.rows > 1:
                    waiting[len(row)] = (cell, min(cell.rows, MOST_ROWS) - 1)
                row.append(cell)
        _fill(row, waiting)
        grid.append(row)
    return grid


def _fill(row: list[Cell], waiting: dict[int, tuple[Cell, int]]) -> None:
    """Add the cells from above that cover the next columns."""
    while (found := waiting.pop(len(row), None)) is not None:
        cell, left = found
        if left > 1:
            waiting[len(row)] = (cell, left - 1)
        row.append(cell)


def _names(header: Sequence[Sequence[Cell]]) -> list[str]:
    """The header of each column: upper and lower names with a blank between."""
    width = max(map(len, header), default=0)
    names = []
    for column in range(width):
        cells = dict.fromkeys(row[column] for row in header if column < len(row))
        names.append(" ".join(dict.fromkeys(cell.line for cell in cells if cell.line)))
    return names


# ---------------------------------------------------------------- questions and answers


def _as_pairs(caption: str, rows: Sequence[Sequence[Cell]]) -> Rendered | None:
    """A table of questions and answers, each cell on lines of its own; None if it is none."""
    columns, first = _pair_columns(rows)
    if columns is None:
        return None
    pieces: list[str] = []
    length = 0

    def add(text: str) -> tuple[int, int]:
        nonlocal length
        start = length + (1 if pieces else 0)
        pieces.append(text)
        length = start + len(text)
        return start, length

    if caption.strip():
        add(" ".join(caption.split()))
    header = add(" | ".join(cell.line for cell in rows[0] if cell.line)) if first else (0, 0)
    pairs = []
    for row in rows[first:]:
        question, answer = (row[column].text.strip() if column < len(row) else "" for column in columns)
        rest = [cell.text.strip() for at, cell in enumerate(row) if at not in columns and cell.text.strip()]
        if question:
            asked = add(" ".join(question.split()))
            pairs.append((*asked, *(add(answer) if answer else (asked[1], asked[1]))))
        elif answer:
            add(answer)
        for text in rest:
            add(text)
    return Rendered("\n".join(pieces), tuple(pairs), header)


def _pair_columns(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[int, int] | None, int]:
    """The columns of questions and answers, and the number of header rows; None if a table has no such columns."""
    names = tuple(cell.line for cell in rows[0])
    if all(names) and max(map(len, names)) < 60:
        pairs = layout_of(names, ()).pairs
        if pairs and pairs[0][1] is not None:
            return (names.index(pairs[0][0]), names.index(pairs[0][1])), 1
    for column in range(min(2, min(map(len, rows)) - 1)):
        asking = sum(ends_in_question_mark(with_plain_marks(row[column].line)) for row in rows)
        if 2 * asking > len(rows):
            first = int(_is_header(rows[0]) and not ends_in_question_mark(with_plain_marks(rows[0][column].line)))
            return (column, column + 1), first
    return None, 0
