"""What became of each row from one run to the next: `changes`, `runs`, and when a row was first seen."""

from __future__ import annotations

import os
from collections import Counter
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
from pipeline.schema import TABLES, columns, empty, records, sift

Tables = dict[str, pd.DataFrame]

_LEAVES = ("duplicates", "qa_topics", "statistics")  # tables that no other table points into


def link(db: duckdb.DuckDBPyConnection, tables: Tables, before: Previous | None) -> None:
    """Let queries see what the earlier rows of qa have become, and when they were first seen.

    Registers links (old_id, new_id), old_qa (qa_id, summary) and seen (qa_id, first_seen_at); without a row each
    when nothing has been published before.
    """
    places, old_qa, born = (_from_before(before, name) for name in ("places", "qa_summary", "qa_born"))
    db.register("old_places", places)
    db.register("new_places", tables["occurrences"][list(places.columns)])
    db.register("links", store.query(db, "links"))
    db.register("old_qa", old_qa)
    db.register("born", born)
    db.register("seen", store.query(db, "first_seen"))


_EMPTY = {
    "places": ["qa_id", "occurrence_id", "document_id", "question_key"],
    "qa_summary": ["qa_id", "summary"],
    "qa_born": ["qa_id", "first_seen_at"],
}


def _from_before(before: Previous | None, name: str) -> pd.DataFrame:
    if before is not None:
        return store.query(before.db, name)
    frame = pd.DataFrame({column: pd.Series(dtype="str") for column in _EMPTY[name]})
    return frame.astype({"first_seen_at": "datetime64[us, UTC]"}) if "first_seen_at" in frame else frame


def note_changes(db: duckdb.DuckDBPyConnection, tables: Tables, before: Previous | None, run_id: str) -> None:
    """Fill `changes`: all that earlier runs did, then what this one does (`sql/changes.sql`)."""
    store.lay(db, "qa", tables["qa"])
    db.register("new_qa", store.query(db, "qa_summary"))
    present = store.query(db, "changes").assign(run_id=run_id)
    earlier = empty(TABLES["changes"]) if before is None else store.read_table(before.db, "changes")
    parts = [part for part in (earlier, present) if len(part)]
    tables["changes"] = pd.concat(parts, ignore_index=True)[list(columns(TABLES["changes"]))] if parts else earlier


def count_changes(changes: pd.DataFrame, run_id: str) -> dict[str, int]:
    """How many rows one run added, changed, removed, merged and split."""
    return dict(sorted(Counter(changes.loc[changes["run_id"] == run_id, "change"]).items()))


def sift_leaves(tables: Tables) -> int:
    """Move rows that do not fit their schema to `rejects`; how many. Only rows that no other row points to."""
    dropped = 0
    places = tables["occurrences"][["occurrence_id", "document_id"]].merge(tables["documents"][["document_id", "uri"]])
    uri_of = dict(zip(places["occurrence_id"], places["uri"], strict=True))
    for name in _LEAVES:
        rows = tables[name].reset_index(drop=True)
        tables[name], failures = sift(TABLES[name], rows)
        dropped += len(rows) - len(tables[name])
        for failure in records(failures.drop_duplicates("index")):
            row = rows.iloc[int(failure["index"])]
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this row"
            reject = (uri_of.get(row.get("occurrence_id"), ""), "store", "schema", detail, str(row.iloc[0]))
            tables["rejects"].loc[len(tables["rejects"])] = reject
    return dropped


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
