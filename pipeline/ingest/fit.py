"""Turns the rows of a batch into Arrow tables that fit their schemas; rows that do not fit are rejected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.extract.record import Reject
from pipeline.ingest.document_rows import COLUMNS, DocumentRows, Row
from pipeline.limits import SAMPLE_CHARACTERS
from pipeline.storage.arrow import arrow_types, fits
from pipeline.storage.schema import TABLES, columns

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
    tables["rejects"] = rejects_table([*rows.rejects, *documents, *figures])
    tables["line_keys"] = _line_keys(rows)
    return tables, len(figures)


def rejects_table(rejects: Iterable[Reject]) -> pa.Table:
    """Rejects as rows of the table of that name, equal ones once."""
    types = arrow_types(TABLES["rejects"])
    rows = dict.fromkeys(tuple(getattr(reject, name) for name in types) for reject in rejects)
    return pa.table({name: pa.array([row[at] for row in rows], types[name]) for at, name in enumerate(types)})


def _arrow_table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as Arrow, with placeholders in the columns that later stages fill."""
    values = dict(zip(COLUMNS[name], zip(*rows, strict=True), strict=True)) if rows else {}
    return pa.table(
        {
            column: pa.array(values[column], kind)
            if column in values
            else pa.repeat(pa.scalar(_PLACEHOLDERS.get(column) if name != "leftovers" else None, kind), len(rows))
            for column, kind in arrow_types(TABLES[name]).items()
        }
    )


def _failures(name: str, rows: pa.Table) -> list[dict[str, Any]]:
    """What does not fit in rows of a table: index (of the row), column, check, failure_case."""
    if fits(TABLES[name], rows):
        return []
    from pipeline.storage import frames  # a run needs no frames while all rows fit

    return frames.records(frames.sift(TABLES[name], frames.to_frame(rows))[1])


def _reject_documents(tables: dict[str, pa.Table]) -> list[Reject]:
    """Remove every document with a row that does not fit, and all its rows; returns one reject for each document."""
    rejects: dict[str, Reject] = {}
    for name in ("documents", "occurrences", "leftovers"):
        for failure in _failures(name, tables[name]):
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
    rejects: dict[int, Reject] = {}
    for failure in _failures("statistics", figures):
        row = int(failure["index"])
        occurrence = occurrences["occurrence_id"].index(figures["occurrence_id"][row]).as_py()
        reject = Reject(
            _uri(tables, occurrences["document_id"][occurrence].as_py()),
            "store",
            "schema",
            f"statistics.{failure['column']} does not fit: {failure['check']}; please report this row",
            figures["statistic_id"][row].as_py(),
        )
        rejects.setdefault(row, reject)
    if rejects:
        tables["statistics"] = figures.take([row for row in range(len(figures)) if row not in rejects])
    return list(rejects.values())


def _uri(tables: dict[str, pa.Table], document_id: str) -> str:
    return str(tables["documents"]["uri"][tables["documents"]["document_id"].index(document_id).as_py()])


def _line_keys(rows: DocumentRows) -> pa.Table:
    found = [(uri, key, count) for uri, keys in rows.line_keys.items() for key, count in keys.items()]
    names, types = tuple(columns(TABLES["line_keys"])), arrow_types(TABLES["line_keys"])
    values = zip(*found, strict=True) if found else ((),) * len(names)
    return pa.table({name: pa.array(column, types[name]) for name, column in zip(names, values, strict=True)})
