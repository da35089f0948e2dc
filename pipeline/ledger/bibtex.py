"""Writes quoted figures and claims as BibTeX: author, text, source and date of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote as percent_encoded

from pipeline.errors import many
from pipeline.ledger.formatting import spread

__all__ = ["bibtex"]

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
}  # fmt: skip
_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def bibtex(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One `@misc` entry for each row of an export of `statistics` or `claims`, in order.

    Text is escaped for LaTeX and put on one line; it stays Unicode, which biber and current BibTeX can read. The key of
    a figure is its id; the key of a claim is a digest of the columns that identify it.
    """
    for row in rows:
        key, fields = _figure(row) if "statistic_id" in row else _claim(row)
        fields["annote"] = f"As of {row['as_of']:%Y-%m-%d %H:%M} UTC, qaledger generation {row['generation']}"
        body = "".join(f"  {name} = {{{_value(name, text)}}},\n" for name, text in fields.items() if text)
        yield f"@misc{{{key},\n{body}}}\n"


def _latex(text: str) -> str:
    r"""Text on one line, without a character that LaTeX would interpret.

    >>> print(_latex("5 % of {all} P_1 & co"))
    5 \% of \textbraceleft{}all\textbraceright{} P\_1 \& co
    """
    return _SPECIAL.sub(lambda match: _LATEX[match[0]], " ".join(_INVISIBLE.sub(" ", text).split()))


def _value(name: str, text: str) -> str:
    if name == "url":  # read literally, so only what would end the field or the line is encoded
        return percent_encoded(_INVISIBLE.sub("", text), safe="%/:?#[]@!$&'()*+,;=-._~")
    # Inner braces keep a name in one piece and the case of its letters.
    return f"{{{_latex(text)}}}" if name in ("author", "title") else _latex(text)


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
    identity = "\n".join(str(row[name]) for name in ("claim", "scope", "year", "kind", "unit", "period", "role"))
    if row["claim"] is None:
        identity = [*row["statistic_ids"], *row["left_out_ids"]][0]
    counts = f"{many(row['figures'], 'figure')}, {many(row['sources'], 'source')}"
    return f"c_{hashlib.sha256(identity.encode()).hexdigest()[:20]}", {
        "title": row["claim"] or "figure without a measure",
        "note": f"{spread(row)}; {counts}, {row['agreement']}",
        "howpublished": "Figures " + ", ".join(row["statistic_ids"] or row["left_out_ids"]),
    }
