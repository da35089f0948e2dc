"""Tables and sentences as a notebook shows them: escaped, readable, and never taken for mathematics.

pandas' own Styler does not escape, and Jupyter reads `$...$` as a formula; both spoil scraped text. What comes from
the sources goes through here.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.storage.schema import is_missing, records
from pipeline.trace import printable

# Jupyter's MathJax leaves elements of these classes alone.
PLAIN = "tex2jax_ignore mathjax_ignore"
_SHORT = 16  # characters that stand on one line whatever the table's width: "2,000 USD a year"
_ITEMS = 5  # of a list in a cell, as many as stand on five lines
LONG = 160  # characters of a cell shown before it folds: two lines of a column of 80

_TABLE = "border-collapse:collapse;font-size:13px;margin:.5em 0;table-layout:auto"
_CELL = "padding:4px 8px;vertical-align:top;text-align:{align};border-bottom:1px solid rgba(128,128,128,.35)"
_MIDDLE = ";min-width:7em;overflow-wrap:anywhere"
_WIDE = ";min-width:9em;max-width:34em;white-space:normal;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Table:
    """A frame laid out for people: HTML in Jupyter, plain text elsewhere."""

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
    """A frame as a table for people: these columns (under these names), at most `limit` rows, and it says so.

    `total`: how many rows there are where the frame itself holds only the first of them.

    Text is escaped; longer text folds and opens on a click; shares (0 to 1) are written in per cent.
    """
    wanted = list(columns) if columns is not None else list(frame.columns)
    names = dict(columns) if isinstance(columns, Mapping) else {}
    shown, rows = min(limit, len(frame)), len(frame) if total is None else total
    more = f" ({shown:,} of {rows:,} rows)" if rows > shown else ""
    return Table(frame.loc[:, wanted].head(limit), names, f"{caption}{more}")


@dataclass(frozen=True)
class Sentence:
    """A sentence with figures in it, as text and as HTML."""

    text: str

    def _repr_html_(self) -> str:
        style = "font-size:15px;max-width:52em"
        return f'<p class="{PLAIN} says" style="{style}">{html.escape(printable(self.text))}</p>'

    def __repr__(self) -> str:
        return printable(self.text)


def say(text: str) -> Sentence:
    """A sentence for people, safe whatever text it quotes."""
    return Sentence(text)


def share(part: float, whole: float) -> str:
    """A part with its denominator: never a share without the count behind it.

    >>> share(46, 63), share(1, 900), share(0, 0)
    ('46 of 63 (73 %)', '1 of 900 (under 1 %)', '0 of 0')
    """
    counts = f"{part:,.0f} of {whole:,.0f}"
    return f"{counts} ({_percent(part / whole)})" if whole else counts


def _percent(value: float) -> str:
    """A share in whole per cent; a few are not told as none, nor nearly all as all."""
    if 0 < value < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= value < 1 else f"{value:.0%}".replace("%", " %")


def many(count: int, noun: str) -> str:
    """A count with its noun.

    >>> many(1, "document"), many(2, "document")
    ('1 document', '2 documents')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def bounds(row: Mapping[str, object]) -> str:
    """A figure's value as it was quoted, open ends in words.

    >>> bounds({"low": None, "high": 66.0, "unit": "percent", "period": None, "relation": "<="})
    'at most 66 %'
    >>> bounds({"low": 7000.0, "high": 7000.0, "unit": "USD", "period": "year", "relation": "~"})
    'about 7,000 USD a year'
    """
    low, high, relation = row["low"], row["high"], str(row["relation"])
    unit = {"percent": " %", "count": "", "proportion": "", "times": " times"}.get(str(row["unit"]), f" {row['unit']}")
    period = "" if is_missing(row["period"]) else f" a {row['period']}"
    words = {
        "<": "less than ",
        "<=": "at most ",
        ">": "more than ",
        ">=": "at least ",
        "~": "about ",
        "~range": "about ",
    }
    figure = _proportion if row["unit"] == "proportion" else number
    if is_missing(low) or is_missing(high) or low == high:
        return f"{words.get(relation, '')}{figure(high if is_missing(low) else low)}{unit}{period}"
    return f"{words.get(relation, '')}{figure(low)} to {figure(high)}{unit}{period}"


def spread(claim: Mapping[str, object]) -> str:
    """The outermost bounds of a row of `claims`, an open end in words.

    >>> spread({"low": None, "high": 66.0, "unit": "percent", "period": None})
    'at most 66 %'
    """
    relation = "<=" if is_missing(claim["low"]) else ">=" if is_missing(claim["high"]) else "range"
    if is_missing(claim["low"]) and is_missing(claim["high"]):
        return "open"
    return bounds({**claim, "relation": relation})


def _proportion(value: object) -> str:
    """A part of one to three digits: "1 in 17" is 0.0588."""
    return f"{float(str(value)):.3g}"


def number(value: object) -> str:
    """A number with its thousands set apart and no more places than it has."""
    return f"{float(str(value)):,.10g}"


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
    """Escaped, with places to break a long name at: behind its slashes, underlines, dots and colons."""
    words = re.split(r"(\S{20,})", text)
    return "".join("<wbr>".join(html.escape(part) for part in re.split(r"(?<=[/_.:])(?=\w)", word)) for word in words)


def _text(name: str, value: object) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _percent(value) if name.startswith("share") else number(value) if math.isfinite(value) else ""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        more = f" and {len(value) - _ITEMS:,} more" if len(value) > _ITEMS else ""
        return ", ".join(printable(str(item)) for item in value[:_ITEMS]) + more
    return printable(str(value))
