"""Shows tables and sentences in notebooks: escaped, readable, and without LaTeX.

pandas' Styler does not escape, and Jupyter renders `$...$` as a formula; neither is right for scraped text.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.ledger.formatting import PLAIN, number, percent, printable
from pipeline.storage.schema import is_missing, records

_SHORT = 16  # characters that are never wrapped: "2,000 USD a year"
_ITEMS = 5  # of a list shown in a cell
LONG = 160  # characters of a cell shown before it is folded: two lines of a column of 80

_TABLE = "border-collapse:collapse;font-size:13px;margin:.5em 0;table-layout:auto"
_CELL = "padding:4px 8px;vertical-align:top;text-align:{align};border-bottom:1px solid rgba(128,128,128,.35)"
_MIDDLE = ";min-width:7em;overflow-wrap:anywhere"
_WIDE = ";min-width:9em;max-width:34em;white-space:normal;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Table:
    """A frame formatted for people: HTML in Jupyter, plain text elsewhere."""

    frame: pd.DataFrame
    names: Mapping[str, str]
    caption: str

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return f'<p class="{PLAIN}"><em>{html.escape(self.caption)}: none</em></p>'
        numeric = {str(name): _is_numeric(self.frame[name]) for name in self.frame.columns}
        head = "".join(
            f'<th scope="col" style="{_CELL.format(align="right" if numeric[name] else "left")};overflow-wrap:normal">'
            f"{html.escape(self.names.get(name, name.replace('_', ' ')))}</th>"
            for name in numeric
        )
        rows = "".join(
            "<tr>" + "".join(_cell(name, value, numeric[name]) for name, value in row.items()) + "</tr>"
            for row in records(self.frame)
        )
        caption = f'<caption style="text-align:left;padding:4px 10px">{html.escape(self.caption)}</caption>'
        body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        return f'<table class="{PLAIN}" style="{_TABLE}">{caption}{body}</table>'

    def __repr__(self) -> str:
        shown = self.frame.copy()
        for name in shown.columns:
            shown[name] = [_text(str(name), value) for value in shown[name]]
        return f"{self.caption}\n{shown.to_string(index=False, max_colwidth=60)}"


def table(
    frame: pd.DataFrame,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    caption: str = "",
    limit: int = 50,
    total: int | None = None,
) -> Table:
    """A frame as a table for people: these columns (under these names) and at most `limit` rows; the caption says so.

    `total`: the number of rows, where the frame has only the first of them. Text is escaped; longer text is folded and
    opens on a click; columns that start with `share` (0 to 1) are shown in per cent.
    """
    shown_columns = list(columns) if columns is not None else list(frame.columns)
    names = dict(columns) if isinstance(columns, Mapping) else {}
    shown, rows = min(limit, len(frame)), len(frame) if total is None else total
    more = f" ({shown:,} of {rows:,} rows)" if rows > shown else ""
    return Table(frame.loc[:, shown_columns].head(limit), names, f"{caption}{more}")


@dataclass(frozen=True)
class Sentence:
    """A sentence with numbers, as text and as HTML."""

    text: str

    def _repr_html_(self) -> str:
        style = "font-size:15px;max-width:52em"
        return f'<p class="{PLAIN} says" style="{style}">{html.escape(printable(self.text))}</p>'

    def __repr__(self) -> str:
        return printable(self.text)


def say(text: str) -> Sentence:
    """A sentence for people; text that it quotes is escaped."""
    return Sentence(text)


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _cell(name: str, value: object, is_number: bool) -> str:
    text = _text(name, value)
    if is_number:
        return f'<td style="{_CELL.format(align="right")};white-space:nowrap">{html.escape(text)}</td>'
    wide = _WIDE if len(text) > LONG / 4 else ";white-space:nowrap" if len(text) <= _SHORT else _MIDDLE
    style = _CELL.format(align="left") + wide
    body = _breakable(text)
    if len(text) > LONG:
        cut = text.rfind(" ", LONG // 2, LONG)
        opening = html.escape(text[: cut if cut > 0 else LONG])
        body = f"<details><summary>{opening} …</summary>{html.escape(text).replace(chr(10), '<br>')}</details>"
    return f'<td style="{style}">{body}</td>'


def _breakable(text: str) -> str:
    """Escaped text in which a long name can be broken after its slashes, underlines, dots and colons."""
    words = re.split(r"(\S{20,})", text)
    return "".join("<wbr>".join(html.escape(part) for part in re.split(r"(?<=[/_.:])(?=\w)", word)) for word in words)


def _text(name: str, value: object) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return percent(value) if name.startswith("share") else number(value) if math.isfinite(value) else ""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        more = f" and {len(value) - _ITEMS:,} more" if len(value) > _ITEMS else ""
        return ", ".join(printable(str(item)) for item in value[:_ITEMS]) + more
    return printable(str(value))
