"""A table -> a file that others can open: csv, parquet, jsonl, xlsx or bib, by the ending."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadQuery, OutputUnusable
from pipeline.ledger.bibtex import bibtex
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames
from pipeline.storage.schema import TABLES, records

# What can be cited, and the query that says where it was read.
CITED = {"statistics": "ledger/cited_statistics", "claims": "ledger/claims"}

# A spreadsheet runs a cell that starts like this as a formula (OWASP, "CSV Injection").
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")

# What XML 1.0, and so a workbook, cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL = 32_767  # characters in a cell; Excel's specifications and limits
_SHEET_ROWS = 1_048_576


def export(ledger: Ledger, table: str, to: Path) -> int:
    """Write a table, or the view `claims`, to a file; how many rows. The file is replaced only when all is written.

    Figures and claims can be cited: their rows say as of when and of which generation they are, and figures which
    question they answer, in what document and at what address. As .bib each is a BibTeX entry. In csv and xlsx, text
    that a spreadsheet would run as a formula gets a leading apostrophe, and lists stand as JSON; parquet and jsonl hold
    the table as it is. Raises `BadQuery` and `OutputUnusable`.
    """
    if table not in TABLES and table not in CITED:
        raise BadQuery(f"{table}: no such table. There are: {', '.join(dict.fromkeys([*TABLES, *CITED]))}")
    _writer(to, table)
    return write_frame(_cited(ledger, table) if table in CITED else frames.read_table(ledger.db, table), table, to)


def _writer(to: Path, table: str) -> Callable[[pd.DataFrame, str, Path], None]:
    writer = _WRITERS.get(to.suffix.lower())
    if writer is None:
        raise BadQuery(f"{to}: no writer for this ending. There are: {', '.join(_WRITERS)}")
    if writer is _bib and table not in CITED:
        raise BadQuery(f"{to}: {table} cannot be cited; as .bib there are {' and '.join(CITED)}")
    return writer


def write_frame(frame: pd.DataFrame, table: str, to: Path) -> int:
    """Write a frame under a table's name to a file, as `export` does; how many rows."""
    writer = _writer(to, table)
    part = to.with_name(f".{to.name}.part")
    try:
        writer(frame, table, part)
        part.replace(to)
    except OSError as err:
        raise OutputUnusable(to, err) from err
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)
    return len(frame)


def _cited(ledger: Ledger, table: str) -> pd.DataFrame:
    """Figures or claims, with the time and the generation they are of."""
    as_of = pd.Timestamp(ledger.as_of).as_unit("us")
    return frames.query(ledger.db, CITED[table]).assign(as_of=as_of, generation=ledger.generation)


def _csv(frame: pd.DataFrame, table: str, to: Path) -> None:
    frame.map(_cell).to_csv(to, index=False, encoding="utf-8", lineterminator="\n")


def _xlsx(frame: pd.DataFrame, table: str, to: Path) -> None:
    from openpyxl import Workbook

    if len(frame) >= _SHEET_ROWS:
        raise BadQuery(f"{table} has {len(frame):,} rows, a sheet holds {_SHEET_ROWS:,}; export it as .csv or .parquet")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table)
    sheet.append(list(frame.columns))
    for row in records(frame):
        sheet.append([_sheet_cell(_cell(value)) for value in row.values()])
    book.save(to)


def _sheet_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = _NOT_XML.sub("\ufffd", value)
    return value if len(value) <= _CELL else value[: _CELL - 1] + "…"


def _parquet(frame: pd.DataFrame, table: str, to: Path) -> None:
    import pyarrow.parquet

    typed = table in TABLES and table not in CITED
    arrow = frames.to_arrow(TABLES[table], frame) if typed else pyarrow.Table.from_pandas(frame, preserve_index=False)
    pyarrow.parquet.write_table(arrow, to)


def _jsonl(frame: pd.DataFrame, table: str, to: Path) -> None:
    with to.open("w", encoding="utf-8") as file:
        for row in records(frame):
            file.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")


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


def _cell(value: Any) -> Any:
    """One value as a spreadsheet can hold it."""
    if isinstance(value, str):
        return "'" + value if _FORMULA.match(value) else value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    if isinstance(value, datetime):
        return None if value is pd.NaT else value.isoformat()
    return None if value is pd.NA or value != value else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value.item() if hasattr(value, "item") else str(value)
