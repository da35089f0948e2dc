"""Writes Excel workbooks as a person would set them up: fixed header, filter, column widths, choices and colours."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from pipeline.errors import BadQuery, TemporaryFolderUnusable

# "Excel specifications and limits"
_CELL_CHARACTERS, _WORKSHEET_ROWS, _NAME_CHARACTERS = 32_767, 1_048_576, 31
_WIDEST = 60  # characters of a column
_MEASURED_ROWS = 500  # from which the width of a column is derived
# Characters that XML 1.0, and so a workbook, cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Worksheet:
    """A table for a worksheet. Values are text, numbers or None.

    choices: the values that people can choose in a column. colours: for texts in a column, the fill as RRGGBB.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_workbook(to: Path, worksheets: Sequence[Worksheet]) -> None:
    """Write the worksheets to one file. Raises `BadQuery` (too many rows) and `TemporaryFolderUnusable`."""
    from lxml.etree import SerialisationError
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for worksheet in worksheets:
        if len(worksheet.rows) >= _WORKSHEET_ROWS:
            limit = f"a worksheet holds {_WORKSHEET_ROWS:,}"
            raise BadQuery(f"{worksheet.name} has {len(worksheet.rows):,} rows, {limit}; write it as .csv or .parquet")
        target = workbook.create_sheet(worksheet.name[:_NAME_CHARACTERS])
        try:
            _write(target, worksheet)
        except SerialisationError as err:  # openpyxl writes the rows of a worksheet to a temporary file first
            with suppress(SerialisationError):
                target._writer.xf.close()  # or Python reports that it cannot be closed
            full = OSError(errno.ENOSPC if "ENOSPC" in str(err) else errno.EIO, f"error {err} of a workbook's rows")
            raise TemporaryFolderUnusable(Path(gettempdir()), full) from err
    workbook.save(to)


def _write(target: Any, worksheet: Worksheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    letters = {name: get_column_letter(number) for number, name in enumerate(worksheet.columns, 1)}
    last = max(2, len(worksheet.rows) + 1)  # a range of cells may not be empty
    target.freeze_panes = "A2"
    target.auto_filter.ref = f"A1:{get_column_letter(max(1, len(letters)))}{last}"
    for index, (name, letter) in enumerate(letters.items()):
        lengths = sorted(len(str(row[index] or "")) for row in worksheet.rows[:_MEASURED_ROWS])
        usual = lengths[len(lengths) * 9 // 10] if lengths else 0
        target.column_dimensions[letter].width = min(_WIDEST, max(len(name) + 4, usual + 2))
    header = [WriteOnlyCell(target, name) for name in worksheet.columns]
    for cell in header:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top")
    target.append(header)
    for row in worksheet.rows:
        target.append([_cell(value) for value in row])
    for name, values in worksheet.choices.items():
        _add_choices(target, f"{letters[name]}2:{letters[name]}{last}", values)
    for name, colours in worksheet.colours.items():
        for text, colour in colours.items():
            _add_colour(target, letters[name], last, text, colour)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = _NOT_XML.sub("\ufffd", value)
    return value if len(value) <= _CELL_CHARACTERS else value[: _CELL_CHARACTERS - 1] + "…"


def _add_choices(target: Any, cells: str, values: Sequence[str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    validation = DataValidation(type="list", formula1=f'"{",".join(values)}"', allow_blank=True)
    validation.error = "Choose one of: " + ", ".join(values)
    validation.add(cells)
    target.data_validations.append(validation)


def _add_colour(target: Any, letter: str, last: int, text: str, colour: str) -> None:
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    fill = PatternFill(bgColor=colour)
    rule = FormulaRule(formula=[f'ISNUMBER(SEARCH("{text}",{letter}2))'], fill=fill)
    target.conditional_formatting.add(f"{letter}2:{letter}{last}", rule)
