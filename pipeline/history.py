"""What runs did: the tables `changes` and `runs`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline import __version__, store
from pipeline.account import RunLedger
from pipeline.errors import PipelineError
from pipeline.journal import KEEP_RUNS, journal
from pipeline.previous import Previous
from pipeline.schema import TABLES, columns, empty


def note_changes(db: duckdb.DuckDBPyConnection, run_id: str, afresh: bool) -> None:
    """Add to `changes` what this run does to qa (`sql/changes.sql`); to an empty one first what earlier runs did."""
    if afresh:
        db.execute("insert into changes by name select * from before.changes")
    store.run(db, "changes", run_id=run_id)


def changes_of(db: duckdb.DuckDBPyConnection, run_id: str) -> list[dict[str, Any]]:
    """The rows of `changes` of one run."""
    found = db.execute("select run_id, qa_id, change, before, after from changes where run_id = $id", {"id": run_id})
    return [dict(zip(columns(TABLES["changes"]), row, strict=True)) for row in found.fetchall()]


# ---------------------------------------------------------------- runs


def published_run(ledger: RunLedger) -> dict[str, Any]:
    """The row of `runs` for a run that published."""
    return {
        **dict.fromkeys(columns(TABLES["runs"])),
        "run_id": ledger.run_id,
        "started_at": ledger.started_at,
        "finished_at": ledger.finished_at,
        "status": ledger.status,
        "version": __version__,
        "exit_code": ledger.exit_code,
        "generation": ledger.generation,
        "embedder": ledger.embedder,
        **{name: ledger.counts[name] for name in _COUNTED},
        "documents_read": ledger.documents_read,
        "stages": [
            {key: stage[key] for key in ("stage", "unit", "rows_in", "kept", "dropped", "seconds")}
            for stage in ledger.to_dict()["stages"]
        ],
    }


_COUNTED = ("documents", "occurrences", "leftovers", "qa", "duplicates", "statistics", "rejects")


def failed_run(run_id: str, started: datetime, err: BaseException) -> dict[str, Any]:
    """The row of `runs` for a run that published nothing."""
    stopped = {KeyboardInterrupt: 130, SystemExit: getattr(err, "code", 1)}.get(type(err))
    return {
        **dict.fromkeys(columns(TABLES["runs"])),
        "run_id": run_id,
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "status": "interrupted" if stopped is not None else "failed",
        "version": __version__,
        "exit_code": stopped if stopped is not None else err.exit_code if isinstance(err, PipelineError) else 1,
        "error": str(err) or type(err).__name__,
        "stages": [],
    }


def runs(
    out: str | os.PathLike[str], before: Previous | None, present: Mapping[str, Any], keep: int = KEEP_RUNS
) -> pd.DataFrame:
    """The newest `keep` runs, oldest first: what the last generation knows, what the journal adds, and this one."""
    known = empty(TABLES["runs"]) if before is None else store.read_table(before.db, "runs")
    names = list(columns(TABLES["runs"]))
    seen = set(known["run_id"])
    rows = [run for run in [*journal(Path(out)), present] if run["run_id"] not in seen]
    added = pd.DataFrame([[row.get(name) for name in names] for row in rows], columns=names)
    for name in ("started_at", "finished_at"):
        added[name] = pd.to_datetime(added[name], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    together = pd.concat([known, added], ignore_index=True) if len(known) else added
    return together.sort_values(["started_at", "run_id"], ignore_index=True).tail(keep).reset_index(drop=True)
