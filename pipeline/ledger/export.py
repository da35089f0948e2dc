"""Writes a table to a file that other programs can open: csv, parquet, jsonl, xlsx or bib, by the ending."""

from __future__ import annotations

import contextlib
import csv
import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadQuery, FileUnwritable
from pipeline.ledger.bibtex import bibtex
from pipeline.ledger.dictionary import dictionary
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.workbook import Worksheet, write_workbook
from pipeline.storage import frames
from pipeline.storage.frames import records
from pipeline.storage.schema import TABLES

# The tables that can be cited, and the query that adds their sources.
CITED = {"statistics": "ledger/statistics_with_sources", "claims": "ledger/claims"}

# A spreadsheet runs a cell that starts with one of these signs as a formula (OWASP, "CSV Injection"), also behind
# blanks, invisible characters and quotes. Where it reads ";" or tabs as the end of a cell, as a German Excel does, the
# text behind one, or on a new line, starts a cell as well; there a dash before plain words is a list item, no formula.
_CELL_END = re.compile(r"([;\t\r\n])")
# Nothing of this is seen: control characters, blanks, and what Unicode calls default ignorable or a format character.
_UNSEEN = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BEFORE = rf"[{_UNSEEN}\"]*+"
_FORMULA = re.compile(rf"{_BEFORE}[=+\-@＝＋－＠﹦﹢﹣﹫]")
_INNER_FORMULA = re.compile(rf"{_BEFORE}(?:[=+@＝＋＠﹦﹢﹫]|[-－﹣](?=\s*+[\d(]|.*(?:\||\w\()))")


def export(ledger: Ledger, table: str, to: Path) -> int:
    """Write a table, or the view `claims`, to a file; the number of rows. The file is replaced in one step at the end.

    Figures and claims can be cited: their rows name the time and generation of the data, and figures also their
    question, document and web address. As .bib each is a BibTeX entry. In csv and xlsx, text that a spreadsheet would
    run as a formula gets an apostrophe before it, except for codes of the ledger, and lists become JSON; parquet and
    jsonl hold the values unchanged. Raises `BadQuery` and `OutputUnusable`.
    """
    if table not in TABLES and table not in CITED:
        raise BadQuery(
            f"{table}: there is no such table. The tables are: {', '.join(dict.fromkeys([*TABLES, *CITED]))}"
        )
    _writer(to, table)
    return write_frame(_cited(ledger, table) if table in CITED else frames.read_table(ledger.db, table), table, to)


def _writer(to: Path, table: str) -> Callable[[pd.DataFrame, str, Path], None]:
    writer = _WRITERS.get(to.suffix.lower())
    if writer is None:
        raise BadQuery(f"{to}: there is no writer for this ending. The endings are: {', '.join(_WRITERS)}")
    if writer is _bib and table not in CITED:
        raise BadQuery(f"{to}: {table} cannot be cited; a .bib file can hold {' or '.join(CITED)}")
    return writer


def write_frame(frame: pd.DataFrame, table: str, to: Path) -> int:
    """Write a frame under a table's name to a file, as `export` does; the number of rows."""
    writer = _writer(to, table)
    replace_file(to, lambda part: writer(frame, table, part))
    return len(frame)


def replace_file(to: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside the target, then replace the target in one step. Raises `OutputUnusable`."""
    part = to.with_name(f".{to.name}.part")
    try:
        write(part)
        part.replace(to)
    except OSError as err:
        raise FileUnwritable(to, err) from err
    finally:
        with contextlib.suppress(OSError):  # of a file system that cannot be written to
            part.unlink(missing_ok=True)


def _cited(ledger: Ledger, table: str) -> pd.DataFrame:
    """Figures or claims with the time and the generation of the data."""
    as_of = pd.Timestamp(ledger.as_of).as_unit("us")
    return frames.query(ledger.db, CITED[table]).assign(as_of=as_of, generation=ledger.generation)


def _csv(frame: pd.DataFrame, table: str, to: Path) -> None:
    with to.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(frame.columns)
        rows.writerows(spreadsheet_cells(frame, table))


def _xlsx(frame: pd.DataFrame, table: str, to: Path) -> None:
    worksheets = [Worksheet(table, list(frame.columns), spreadsheet_cells(frame, table))]
    described = dictionary()
    columns = described[(described["table"] == table) & described["column"].isin(frame.columns)]
    if len(columns):
        worksheets.append(Worksheet("dictionary", list(columns.columns), spreadsheet_cells(columns, "dictionary")))
    write_workbook(to, worksheets)


def _parquet(frame: pd.DataFrame, table: str, to: Path) -> None:
    import pyarrow.parquet

    typed = table in TABLES and table not in CITED
    arrow = frames.to_arrow(TABLES[table], frame) if typed else pyarrow.Table.from_pandas(frame, preserve_index=False)
    pyarrow.parquet.write_table(arrow, to)


def _jsonl(frame: pd.DataFrame, table: str, to: Path) -> None:
    with to.open("w", encoding="utf-8") as file:
        for row in records(frame):
            file.write(json.dumps(row, ensure_ascii=False, default=_json_value) + "\n")


def _bib(frame: pd.DataFrame, table: str, to: Path) -> None:
    with to.open("w", encoding="utf-8") as file:
        file.writelines(bibtex(records(frame)))


_WRITERS: dict[str, Callable[[pd.DataFrame, str, Path], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".jsonl": _jsonl,
    ".xlsx": _xlsx,
    ".bib": _bib,
}


def spreadsheet_cells(frame: pd.DataFrame, table: str) -> list[list[Any]]:
    """The values of a frame under a table's name, as a spreadsheet can hold them.

    Text that a spreadsheet would run as a formula gets an apostrophe; codes, as in `relation`, stay as they are.
    """
    codes = _code_columns(table)
    return [[_cell(value, str(name) in codes) for name, value in row.items()] for row in records(frame)]


@cache
def _code_columns(table: str) -> frozenset[str]:
    described = dictionary()
    return frozenset(described.loc[(described["table"] == table) & described["values"].notna(), "column"])


def _cell(value: Any, is_code: bool) -> Any:
    if isinstance(value, str):
        return value if is_code else _without_formulas(value)
    if isinstance(value, list | dict):
        return _without_formulas(json.dumps(value, ensure_ascii=False, default=_json_value))
    return value.isoformat() if isinstance(value, datetime) else value


def _without_formulas(text: str) -> str:
    """Text with an apostrophe before everything that a spreadsheet would run.

    >>> [_without_formulas(text) for text in ("=1+1", "a;=1+1", "- one\\n- two", "- one;-2")]
    ["'=1+1", "a;'=1+1", "'- one\\n- two", "'- one;'-2"]
    """
    first, *others = _CELL_END.split(text)
    is_formula = _FORMULA.match(first) or (not first and others)
    guarded = [f"'{part}" if _INNER_FORMULA.match(part) else part for part in others]
    return "".join([f"'{first}" if is_formula else first, *guarded])


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value.item() if hasattr(value, "item") else str(value)
