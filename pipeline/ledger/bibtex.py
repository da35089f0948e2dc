"""Quoted figures and claims as BibTeX: each entry says who, what, where and as of when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote as percent_encoded

from pipeline.ledger.formatting import bounds

__all__ = ["bibtex"]

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
}  # fmt: skip
_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def bibtex(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One `@misc` entry for each row of an export of `statistics` or `claims`, in order.

    Text is escaped for LaTeX and on one line; it stays Unicode, as biber and today's BibTeX read it. Keys are the
    ids of the figures; a claim's key is made from what makes it one.

    >>> print(latex("5 % of {all} P_1 & co"))
    5 \\% of \\textbraceleft{}all\\textbraceright{} P\\_1 \\& co
    """
    for row in rows:
        key, fields = _figure(row) if "statistic_id" in row else _claim(row)
        fields["annote"] = f"As of {row['as_of']:%Y-%m-%d %H:%M} UTC, qaledger generation {row['generation']}"
        body = "".join(f"  {name} = {{{_value(name, text)}}},\n" for name, text in fields.items() if text)
        yield f"@misc{{{key},\n{body}}}\n"


def latex(text: str) -> str:
    """Text on one line, with no sign that LaTeX would run."""
    return _SPECIAL.sub(lambda sign: _LATEX[sign[0]], " ".join(_INVISIBLE.sub(" ", text).split()))


def _value(name: str, text: str) -> str:
    if name == "url":  # read as it stands, so only what would end the field or the line is encoded
        return percent_encoded(_INVISIBLE.sub("", text), safe="%/:?#[]@!$&'()*+,;=-._~")
    return f"{{{latex(text)}}}" if name in ("author", "title") else latex(text)  # no name to be split, no case changed


def _figure(row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    fetched: datetime | None = row["fetched_at"]
    return row["statistic_id"], {
        "author": row["attribution"] or "",
        "title": row["question"],
        "howpublished": f"{row['uri']}, line {row['line']}",
        "url": row["source_url"] or "",
        "urldate": f"{fetched:%Y-%m-%d}" if fetched else "",
        "note": f"{row['surface']}: “{row['quote']}”",
    }


def _claim(row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    same = "\n".join(str(row[name]) for name in ("claim", "kind", "unit", "period", "role"))
    if row["claim"] is None:
        same = row["statistic_ids"][0]
    return f"c_{hashlib.sha256(same.encode()).hexdigest()[:20]}", {
        "title": row["claim"] or "figure without a measure",
        "note": f"{_spread(row)}; {row['figures']} figures, {row['sources']} sources, {row['agreement']}",
        "howpublished": "Figures " + ", ".join(row["statistic_ids"]),
    }


def _spread(row: Mapping[str, Any]) -> str:
    """The outermost bounds of a claim, in words."""
    if row["low"] is None and row["high"] is None:
        return "open at both ends"
    return bounds({**row, "relation": "<=" if row["low"] is None else ">=" if row["high"] is None else "range"})
