"""Describes every column of every published table, for `ledger.dictionary` and docs/tables.md."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import duckdb
import pandas as pd

from pipeline.storage import statements
from pipeline.storage.schema import CLAIMS, TABLES, columns, ddl, duckdb_type

VIEW = "One row for each thing measured: figures that measure the same quantity, across documents (a view)."


def dictionary() -> pd.DataFrame:
    """One row for each column: table, column, type (DuckDB's), nullable, values (its codes, else null), description."""
    rows = [
        {
            "table": name,
            "column": column,
            "type": duckdb_type(spec),
            "nullable": spec.nullable,
            "values": spec.checks.get("isin"),
            "description": spec.description,
        }
        for name, table in TABLES.items()
        for column, spec in columns(table).items()
    ]
    rows += [
        {"table": "claims", "column": name, "type": kind, "nullable": True, "values": None, "description": CLAIMS[name]}
        for name, kind in _claims_types().items()
    ]
    return pd.DataFrame(rows)


def _claims_types() -> dict[str, str]:
    """The types of the view `claims`, as DuckDB derives them from its query."""
    with duckdb.connect() as db:
        for name in ("documents", "occurrences", "statistics", "figure_decisions"):
            db.execute(next(ddl(name)))
        described = db.execute(f"describe {statements.statement('ledger/claims')}").fetchall()
    return {name: type_ for name, type_, *_ in described}


def page() -> str:
    """The text of docs/tables.md: the dictionary as Markdown."""
    grains = {name: " ".join((table.__doc__ or "").split()) for name, table in TABLES.items()} | {"claims": VIEW}
    made_from = "Made from `pipeline/storage/schema.py` by `python docs/reference.py`."
    parts = [f"# The tables\n\n{made_from} `ledger.dictionary` is the same as a frame.\n"]
    for name, rows in dictionary().groupby("table", sort=False):
        head = f"## {name}\n\n{grains[str(name)]}\n\n| column | type | null | meaning |\n|---|---|---|---|\n"
        parts.append(head + "".join(_line(row) for row in rows.to_dict("records")))
    return "\n".join(parts)


def _line(row: Mapping[Hashable, Any]) -> str:
    codes = "; one of " + " ".join(f"`{value}`" for value in row["values"]) if row["values"] else ""
    meaning = f"{row['description']}{codes}".replace("|", "\\|")
    return f"| `{row['column']}` | {row['type']} | {'yes' if row['nullable'] else ''} | {meaning} |\n"
