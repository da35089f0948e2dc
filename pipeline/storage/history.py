"""The history of runs: the tables `runs` and `changes`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipeline.limits import KEEP_RUNS
from pipeline.storage import statements
from pipeline.storage.journal import journal
from pipeline.storage.run_ledger import RunLedger
from pipeline.version import __version__


def copy_history(db: duckdb.DuckDBPyConnection) -> None:
    """Copy `runs` and `changes` of the previous generation into tables that are built from scratch."""
    for name in ("runs", "changes"):
        db.execute(f"insert into {name} by name from before.{name}")


def changes_of(db: duckdb.DuckDBPyConnection, run_id: str) -> list[dict[str, Any]]:
    """The rows of `changes` of one run; a first run has one for each row of qa."""
    return statements.rows(db, "select * from changes where run_id = $id order by change, qa_id, before", id=run_id)


def count_changes(db: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, int]:
    """The number of rows of qa by change (added, changed, ...) in one run."""
    sql = "select change, count(*) from changes where run_id = $id group by change order by change"
    return dict(db.execute(sql, {"id": run_id}).fetchall())


# ---------------------------------------------------------------- runs


def finished_run(ledger: RunLedger) -> dict[str, Any]:
    """The row of `runs` for a run that published."""
    return {
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


def write_runs(db: duckdb.DuckDBPyConnection, out: Path, current: Mapping[str, Any], keep: int = KEEP_RUNS) -> None:
    """Add the runs that the journal has and `runs` has not, and the current one; keep only the newest `keep` of them.

    Changes of other runs are deleted. A line of the journal that does not fit `runs` is left out.
    """
    known = {run_id for (run_id,) in db.execute("select run_id from runs").fetchall()}
    for run in journal(out)[-keep:]:
        if run["run_id"] not in known:
            with contextlib.suppress(duckdb.DataError, duckdb.IntegrityError):
                _add(db, run)
    _add(db, current)
    statements.execute_file(db, "refresh/newest_runs", keep=keep)
    db.execute("delete from runs")
    db.execute("insert into runs from newest_runs order by started_at, run_id")
    db.execute("delete from changes where run_id not in (select run_id from runs)")


def _add(db: duckdb.DuckDBPyConnection, run: Mapping[str, Any]) -> None:
    names = [name for name in db.table("runs").columns if name in run]
    parameters = ", ".join("?" for _ in names)
    db.execute(f"insert into runs ({', '.join(names)}) values ({parameters})", [run[name] for name in names])
