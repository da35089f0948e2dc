"""Turns the rows of a batch into Arrow tables that fit their schemas; rows that do not fit are rejected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.extract.record import Reject
from pipeline.ingest.document_rows import COLUMNS, DocumentRows, Row
from pipeline.limits import SAMPLE_CHARACTERS
from pipeline.storage import frames
from pipeline.storage.schema import TABLES, columns, records, sift

# The tables that come from reading each document alone.
INGEST_TABLES = ("documents", "occurrences", "leftovers", "statistics", "rejects", "files", "line_keys")

# Columns that later stages fill, and their values until then.
_PLACEHOLDERS: dict[str, Any] = {"first_seen_at": 0, "last_changed_at": 0, "qa_id": ""}


def fit_rows(rows: DocumentRows) -> tuple[dict[str, pa.Table], int]:
    """The rows by table (`INGEST_TABLES`), all of which fit; and the number of figures that did not.

    A document with a row that does not fit is rejected as a whole, so that the laws hold for the rest; a figure is
    rejected alone, since no other row refers to it.
    """
    tables = {name: _arrow_table(name, getattr(rows, name)) for name in COLUMNS}
    documents = _reject_documents(tables)
    figures = _reject_figures(tables)
    tables["rejects"] = frames.to_arrow(TABLES["rejects"], rejects_frame([*rows.rejects, *documents, *figures]))
    tables["line_keys"] = _line_keys(rows)
    return tables, len(figures)


def rejects_frame(rejects: Iterable[Reject]) -> pd.DataFrame:
    """Rejects as rows of the table of that name, equal ones once."""
    names = list(columns(TABLES["rejects"]))
    rows = dict.fromkeys(tuple(getattr(reject, name) for name in names) for reject in rejects)
    return pd.DataFrame(list(rows), columns=names)


def _arrow_table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as Arrow, with placeholders in the columns that later stages fill."""
    values = dict(zip(COLUMNS[name], zip(*rows, strict=True), strict=True)) if rows else {}
    return pa.table(
        {
            column: pa.array(values[column], kind)
            if column in values
            else pa.repeat(pa.scalar(_PLACEHOLDERS.get(column) if name != "leftovers" else None, kind), len(rows))
            for column, kind in frames.arrow_types(TABLES[name]).items()
        }
    )


def _reject_documents(tables: dict[str, pa.Table]) -> list[Reject]:
    """Remove every document with a row that does not fit, and all its rows; returns one reject for each document."""
    rejects: dict[str, Reject] = {}
    for name in ("documents", "occurrences", "leftovers"):
        _, failures = sift(TABLES[name], frames.to_frame(tables[name]))
        for failure in records(failures):
            document_id = tables[name]["document_id"][int(failure["index"])].as_py()
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this page"
            sample = str(failure["failure_case"])[:SAMPLE_CHARACTERS]
            reject = Reject(_uri(tables, document_id), "store", "schema", detail, sample)
            rejects.setdefault(document_id, reject)
    if rejects:
        rejected = pa.array(rejects)
        is_rejected = pc.is_in(tables["occurrences"]["document_id"], rejected)
        occurrences = tables["occurrences"].filter(is_rejected)["occurrence_id"].combine_chunks()
        _remove(tables, "statistics", "occurrence_id", occurrences)
        for name in ("documents", "occurrences", "leftovers"):
            _remove(tables, name, "document_id", rejected)
    return list(rejects.values())


def _remove(tables: dict[str, pa.Table], name: str, column: str, values: pa.Array) -> None:
    """Remove the rows of a table that have one of these values in a column."""
    tables[name] = tables[name].filter(pc.invert(pc.is_in(tables[name][column], values)))


def _reject_figures(tables: dict[str, pa.Table]) -> list[Reject]:
    """Remove every figure that does not fit; returns one reject for each."""
    figures, occurrences = tables["statistics"], tables["occurrences"]
    _, failures = sift(TABLES["statistics"], frames.to_frame(figures))
    rejects: dict[int, Reject] = {}
    for failure in records(failures.drop_duplicates("index")):
        row = int(failure["index"])
        occurrence = occurrences["occurrence_id"].index(figures["occurrence_id"][row]).as_py()
        rejects[row] = Reject(
            _uri(tables, occurrences["document_id"][occurrence].as_py()),
            "store",
            "schema",
            f"statistics.{failure['column']} does not fit: {failure['check']}; please report this row",
            figures["statistic_id"][row].as_py(),
        )
    if rejects:
        tables["statistics"] = figures.take([row for row in range(len(figures)) if row not in rejects])
    return list(rejects.values())


def _uri(tables: dict[str, pa.Table], document_id: str) -> str:
    return str(tables["documents"]["uri"][tables["documents"]["document_id"].index(document_id).as_py()])


def _line_keys(rows: DocumentRows) -> pa.Table:
    found = [(uri, key, count) for uri, keys in rows.line_keys.items() for key, count in keys.items()]
    names, types = tuple(columns(TABLES["line_keys"])), frames.arrow_types(TABLES["line_keys"])
    values = zip(*found, strict=True) if found else ((),) * len(names)
    return pa.table({name: pa.array(column, types[name]) for name, column in zip(names, values, strict=True)})
