"""Formats numbers and text for people: shares with their counts, quoted figures, text that is safe to print."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pipeline.storage.frames import is_missing

# Jupyter's MathJax leaves elements of these classes alone.
PLAIN = "tex2jax_ignore mathjax_ignore"

# Characters that control a terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""Text that is safe to print: control characters are written out, line ends and tabs stay.

    >>> printable("red \x1b[31m")
    'red \\x1b[31m'
    """
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text.replace("\r\n", "\n"))


def share(part: float, whole: float) -> str:
    """A part with its denominator: never a share without the count behind it.

    >>> share(46, 63), share(1, 900), share(0, 0)
    ('46 of 63 (73 %)', '1 of 900 (under 1 %)', '0 of 0')
    """
    counts = f"{part:,.0f} of {whole:,.0f}"
    return f"{counts} ({percent(part / whole)})" if whole else counts


def percent(value: float) -> str:
    """A share in whole per cent; a small share is never shown as 0 %, nor an almost full one as 100 %."""
    if 0 < value < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= value < 1 else f"{value:.0%}".replace("%", " %")


def bounds(row: Mapping[str, object]) -> str:
    """A figure's value as it was quoted, with open ends in words.

    >>> bounds({"low": None, "high": 66.0, "unit": "percent", "period": None, "relation": "<="})
    'at most 66 %'
    >>> bounds({"low": 7000.0, "high": 7000.0, "unit": "USD", "period": "year", "relation": "~"})
    'about 7,000 USD a year'
    >>> bounds({"low": 1 / 6, "high": 1 / 6, "unit": "proportion", "period": None, "relation": "~",
    ...     "numerator": 1.0, "denominator": 6.0})
    'about 1 in 6'
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
    numerator, denominator = row.get("numerator"), row.get("denominator")
    if low == high and not is_missing(numerator) and not is_missing(denominator):
        return f"{words.get(relation, '')}{number(numerator)} in {number(denominator)}{period}"
    if is_missing(low) or is_missing(high) or low == high:
        return f"{words.get(relation, '')}{figure(high if is_missing(low) else low)}{unit}{period}"
    return f"{words.get(relation, '')}{figure(low)} to {figure(high)}{unit}{period}"


def citation(figure: Mapping[str, Any], source: str) -> str:
    """A figure as a text can cite it: who says so, the sentence, document and line; source: of the tables.

    >>> row = {"attribution": "Mayo researchers", "quote": "It is 5 %.", "uri": "a.txt", "line": 7}
    >>> citation(row, "qaledger generation 1, as of 2026-11-30")
    'Mayo researchers: “It is 5 %.” In: a.txt, line 7. qaledger generation 1, as of 2026-11-30.'
    """
    who = "" if is_missing(figure["attribution"]) else f"{figure['attribution']}: "
    return f"{who}“{' '.join(str(figure['quote']).split())}” In: {figure['uri']}, line {figure['line']}. {source}."


def spread(claim: Mapping[str, object]) -> str:
    """The outermost bounds of a row of `claims`, with an open end in words.

    >>> spread({"low": None, "high": 66.0, "unit": "percent", "period": None})
    'at most 66 %'
    """
    if is_missing(claim["low"]) and is_missing(claim["high"]):
        return "open at both ends"
    relation = "<=" if is_missing(claim["low"]) else ">=" if is_missing(claim["high"]) else "range"
    return bounds({**claim, "relation": relation})


def limits(figure: Mapping[str, Any]) -> list[str]:
    """What limits a figure or a claim: its scope, then its year.

    >>> limits({"scope": ["bronze"], "year": 2023}), limits({"scope": None, "year": None})
    (['bronze', '2023'], [])
    """
    scope, year = figure["scope"], figure["year"]
    return [*([] if is_missing(scope) else map(str, scope)), *([] if is_missing(year) else [str(int(year))])]


def _proportion(value: object) -> str:
    """A proportion as people quote it: as "1 in N" where N is a round number; a small one of a power of ten.

    >>> _proportion(0.25), _proportion(3.33e-05), _proportion(0.003), _proportion(0.00014), _proportion(0.588)
    ('1 in 4', '1 in 30,000', '3 in 1,000', '14 in 100,000', '0.588')
    """
    part = float(str(value))
    if not 0 < part <= 0.5:
        return f"{part:.3g}"
    of = float(f"{1 / part:.2g}")
    if of == round(of) and abs(part * of - 1) < 0.003:
        return f"1 in {of:,.0f}"
    if part >= 0.01:
        return f"{part:.3g}"
    power = 10.0 ** math.ceil(-math.log10(part))
    count = f"{part * power:.3g}"
    return f"{count} in {power:,.0f}" if "." not in count else f"{part * power * 10:.3g} in {power * 10:,.0f}"


def number(value: object) -> str:
    """A number with a comma between thousands and no more decimals than it has."""
    return f"{float(str(value)):,.10g}"
