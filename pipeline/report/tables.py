"""Shows tables and sentences in notebooks: escaped, readable, and without LaTeX.

pandas' Styler does not escape, and Jupyter renders `$...$` as a formula; neither is right for scraped text. A table
contains all its rows, up to a bound; a small script lets readers sort, filter and page through them. While a report is
written, tables also link to their source passages and to files with all rows.
"""

from __future__ import annotations

import html
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.errors import BadQuery, check_argument, check_count
from pipeline.ledger.export import write_frame
from pipeline.ledger.formatting import PLAIN, number, percent, printable
from pipeline.storage.frames import is_missing, records

_SHORT = 16  # characters that are never wrapped: "2,000 USD a year"
_ITEMS = 8  # of a list shown in a cell
LONG = 160  # characters of a cell shown before it is folded: two lines of a column of 80
_WIDE_ROW, _LEAST_WEIGHT = 120, 3.0  # characters that one line of a page holds; an empty column is 9 characters wide
_MEASURED_ROWS = 100  # from which the widths of columns are derived
MOST_ROWS = 2_000  # in a page: 2.2 MB of findings; the files beside a report contain all

REPORT_FOLDER = "QALEDGER_REPORT"  # environment variable: the folder of the report that is being written
TABLES, SOURCES = "tables", "sources"  # folders of a report: tables as files, and pages of source documents

_TABLE = "border-collapse:collapse;font-size:13px;margin:.5em 0;table-layout:auto"
_CELL = "padding:4px 8px;vertical-align:top;text-align:{align};border-bottom:1px solid rgba(128,128,128,.35)"
_MIDDLE = ";min-width:6em;overflow-wrap:anywhere"
_WIDE = ";min-width:10em;max-width:34em;white-space:normal;overflow-wrap:anywhere"
_MARKED = re.compile(r"\[-(.*?)-\]|\{\+(.*?)\+\}", re.DOTALL)  # words that `word_diff` marks as removed or added


@dataclass(frozen=True)
class Table:
    """A frame formatted for people: HTML in Jupyter, plain text elsewhere.

    names: the columns that are shown, with their headings. size: rows shown at once. note: HTML below the caption.
    """

    frame: pd.DataFrame
    names: Mapping[str, str]
    caption: str
    size: int
    note: str = ""

    def _repr_html_(self) -> str:
        caption = html.escape(self.caption)
        if self.frame.empty:
            return f'<p class="{PLAIN}"><em>{caption}: none</em></p>'
        rows = records(self.frame.head(MOST_ROWS))
        body = "".join(self._row(row, number < self.size) for number, row in enumerate(rows))
        columns = _column_widths(self.frame, self.names)
        head = f"<thead><tr>{''.join(map(self._heading, self.names))}</tr></thead>"
        caption = f'<caption style="text-align:left;padding:4px 10px">{caption}{self.note}</caption>'
        width = ";width:100%" if columns else ""
        table = f'<table style="{_TABLE}{width}">{caption}{columns}{head}<tbody>{body}</tbody></table>'
        script = "" if os.environ.get(REPORT_FOLDER) else f"<script>{explore_script()}</script>"
        return f'<div class="{PLAIN} ledger-table" data-size="{self.size}">{table}{script}</div>'

    def _heading(self, name: str) -> str:
        style = _CELL.format(align="right" if _is_numeric(self.frame[name]) else "left")
        return f'<th scope="col" style="{style};overflow-wrap:normal">{html.escape(self.names[name])}</th>'

    def _row(self, row: Mapping[str, object], is_shown: bool) -> str:
        cells = "".join(_cell(name, row, _is_numeric(self.frame[name])) for name in self.names)
        return f"<tr>{cells}</tr>" if is_shown else f'<tr style="display:none">{cells}</tr>'

    def __repr__(self) -> str:
        shown = self.frame.loc[:, list(self.names)].head(self.size)
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
    """A frame as a table for people: these columns (under these names), `limit` rows at once; the caption says so.

    `total`: the number of rows, where the frame has only the first of them. Text is escaped; longer text is folded and
    opens on a click; columns that start with `share` (0 to 1) are shown in per cent; column `diff` as removed and added
    words. In a report a column links to its
    source passage if the frame also has that column's name with `_link`: a document_id, "#", and the id of a figure or
    "L" and a line.
    """
    check_argument("frame", frame, pd.DataFrame, "a DataFrame")
    check_count("limit", limit)
    shown_columns = columns if columns is not None else list(frame.columns)
    names = dict(columns) if isinstance(columns, Mapping) else {name: name.replace("_", " ") for name in shown_columns}
    if missing := [str(name) for name in names if name not in frame.columns]:
        raise BadQuery(f"the frame has no column {', '.join(missing)}; it has: {', '.join(map(str, frame.columns))}")
    rows = len(frame) if total is None else total
    shown = min(limit, len(frame))
    more = f" ({shown:,} of {rows:,} rows)" if rows > shown else ""
    note = _links_to_files(frame, caption) if len(frame) else ""
    return Table(frame, names, f"{caption}{more}", limit, note)


def _links_to_files(frame: pd.DataFrame, caption: str) -> str:
    """Links to files with all rows and columns of a table, which are written if a report is being written."""
    folder = os.environ.get(REPORT_FOLDER)
    if not folder:
        return ""
    name = re.sub(r"\W+", "_", caption.partition(",")[0].lower()).strip("_")
    to = Path(folder) / TABLES
    to.mkdir(parents=True, exist_ok=True)
    files = [f"{name}.csv", f"{name}.xlsx"]
    plain = frame.drop(columns=[column for column in frame if str(column).endswith("_link")])
    for file in files:
        write_frame(plain, name, to / file)
    links = " ".join(f'<a href="{TABLES}/{file}">{Path(file).suffix[1:]}</a>' for file in files)
    return f" – all columns of {len(frame):,} rows: {links}"


@cache
def explore_script() -> str:
    """The script that lets readers sort, filter and page through tables."""
    return Path(__file__).with_name("static").joinpath("tables.js").read_text("utf-8")


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
    check_argument("the sentence", text, str, "text")
    return Sentence(text)


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _column_widths(frame: pd.DataFrame, names: Mapping[str, str]) -> str:
    """The columns of a wide table, each as wide as the square root of its usual text, so that few rows are tall."""
    usual = {}
    for name in names:
        lengths = [min(LONG, len(_text(name, value))) for value in frame[name].head(_MEASURED_ROWS)]
        usual[name] = sum(lengths) / len(lengths)
    if sum(usual.values()) < _WIDE_ROW:
        return ""
    weights = [max(_LEAST_WEIGHT, math.sqrt(length)) for length in usual.values()]
    columns = (f'<col style="width:{weight / sum(weights):.0%}">' for weight in weights)
    return f"<colgroup>{''.join(columns)}</colgroup>"


def _items(values: Sequence[object]) -> list[str]:
    """The first texts of a list, and how many more there are."""
    more = [f"and {len(values) - _ITEMS:,} more"] if len(values) > _ITEMS else []
    return [printable(str(value)) for value in values[:_ITEMS]] + more


def _cell(name: str, row: Mapping[str, object], is_number: bool) -> str:
    value = row[name]
    text = _text(name, value)
    if name == "diff" and row.get("change") != "changed":
        text = text[2:-2]  # all of it was added or removed
    if is_number:
        plain = "" if is_missing(value) else f' data-value="{value}"'
        return f'<td{plain} style="{_CELL.format(align="right")};white-space:nowrap">{html.escape(text)}</td>'
    wide = _WIDE if len(text) > LONG / 4 else ";white-space:nowrap" if len(text) <= _SHORT else _MIDDLE
    style = _CELL.format(align="left") + wide
    if name == "diff" and row.get("change") == "changed":
        body = _diff_html(text)
    elif isinstance(value, list) and len(value) > 1 and len(text) > LONG // 4:
        body = _folded_list(_items(value))
    elif len(text) > LONG:
        body = (
            f"<details><summary>{_opening(text, LONG)}</summary>{html.escape(text).replace(chr(10), '<br>')}</details>"
        )
    else:
        body = _breakable_html(text).replace("\n", "<br>")
    link = row.get(f"{name}_link")
    if os.environ.get(REPORT_FOLDER) and isinstance(link, str):
        document_id, _, anchor = link.partition("#")
        body = f'<a href="{SOURCES}/{html.escape(document_id)}.html#{html.escape(anchor)}">{body}</a>'
    return f'<td style="{style}">{body}</td>'


def _diff_html(text: str) -> str:
    """A word diff as HTML.

    >>> _diff_html("It costs [-20-] {+25+} & more.")
    'It costs <del>20</del> <ins>25</ins> &amp; more.'
    """
    parts = []
    done = 0
    for found in _MARKED.finditer(text):
        tag = "ins" if found[1] is None else "del"
        parts.append(
            f"{html.escape(text[done : found.start()])}<{tag}>{html.escape(found[1] or found[2] or '')}</{tag}>"
        )
        done = found.end()
    return "".join([*parts, html.escape(text[done:])]).replace("\n", "<br>")


def _folded_list(items: Sequence[str]) -> str:
    """The first text of a list; sentences unfold to a line each, names to a few lines."""
    between = "<br>" if max(map(len, items)) > LONG // 2 else ", "
    whole = between.join(map(_breakable_html, items))
    return f"<details><summary>{_opening(items[0], LONG // 2)}</summary>{whole}</details>"


def _opening(text: str, most: int) -> str:
    """The words of a text up to a number of characters, as HTML."""
    if len(text) <= most:
        return f"{_breakable_html(text)} …"
    cut = text.rfind(" ", most // 2, most)
    return f"{_breakable_html(text[: cut if cut > 0 else most])} …"


def _breakable_html(text: str) -> str:
    """Escaped text in which a long name can be broken after its slashes, underlines and dots."""
    words = re.split(r"(\S{20,})", text)
    return "".join("<wbr>".join(html.escape(part) for part in re.split(r"(?<=[/_.])(?=\w)", word)) for word in words)


def _text(name: str, value: object) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return percent(value) if name.startswith("share") else number(value) if math.isfinite(value) else ""
    if isinstance(value, int):
        return str(value) if name == "year" else f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_items(value))
    return printable(str(value))
